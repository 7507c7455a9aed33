import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { test } from 'tap'
import { CodecPriority } from '../../src/redstuff/codec.ts'
import { Arena } from '../../src/redstuff/pool/arena.ts'
import { Crew } from '../../src/redstuff/pool/crew.ts'
import type { Assignment } from '../../src/redstuff/pool/crew.ts'
import { Hand } from '../../src/redstuff/pool/hand.ts'
import { never } from './vector-check.ts'

/** A thread that takes every message and does nothing. */
class DeafThread extends EventEmitter {
  postMessage(): void {}
  ref(): void {}
  unref(): void {}
}

test('what waited behind other work when a worker died is not blamed for it', async (t) => {
  const given: Assignment<string>[] = []
  const dispatcher = { submit: (one: Assignment<string>) => given.push(one), cancel: () => {} }
  const arena = new Arena(1)
  const hand = new Hand<string>(
    new DeafThread() as unknown as Worker,
    () => {},
    () => {},
  )
  const { write, read } = CodecPriority
  for (const priority of [write, write, read, read]) {
    const crew = new Crew<string>(dispatcher, arena, priority, never)
    void crew.run(`of priority ${priority}`)
  }
  for (const one of given) hand.give(one)
  t.same(hand.abandoned(), given)
  t.same(
    given.map(({ tries }) => tries),
    [1, 0, 1, 0],
  )
  t.equal(hand.load(), 0)
})

test('an answer that comes while a thread ends does not let the process end before it', async (t) => {
  const thread = new DeafThread()
  let refs = 0
  thread.ref = () => void refs++
  thread.unref = () => void refs--
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const terminate = () => {
    refs++
    return ended
  }
  Object.assign(thread, { terminate })
  const hand = new Hand<string>(
    thread as unknown as Worker,
    () => {},
    () => {},
  )
  const given: Assignment<string>[] = []
  const dispatcher = { submit: (one: Assignment<string>) => given.push(one), cancel: () => {} }
  const crew = new Crew<string>(dispatcher, new Arena(1), CodecPriority.read, never)
  void crew.run('a task')
  hand.give(given[0]!)
  const ending = hand.end()
  const before = refs
  thread.emit('message', { id: given[0]!.id, end: 'done' })
  t.equal(refs, before)
  end()
  t.same(await ending, [])
})
