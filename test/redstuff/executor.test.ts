import { test } from 'tap'
import { Executor } from '../../src/redstuff/pool/executor.ts'
import type { FromWorker, ToWorker } from '../../src/redstuff/pool/protocol.ts'

/** A task that takes some steps, and lets the test do something at one of them. */
interface Steps {
  readonly name: string
  readonly count: number
  readonly at?: (step: number) => void
}

function open() {
  const log: string[] = []
  const sent: FromWorker[] = []
  const mail: ToWorker<Steps>[] = []
  const executor = new Executor<Steps, string[]>(
    {
      open: () => [],
      prepare: (_, { epoch }) => void log.push(`prepared ${epoch}`),
      *steps(_, { name, count, at }) {
        for (let step = 0; step < count; step++) {
          log.push(`${name}${step}`)
          at?.(step)
          yield
        }
      },
    },
    { next: () => mail.shift(), send: (message) => void sent.push(message) },
  )
  executor.receive({ kind: 'arena', arena: 1, memory: undefined as never })
  const task = (id: number, urgent: boolean, own: Steps): ToWorker<Steps> => {
    const state = { shards: 4, epoch: id, capacity: 0 }
    return { kind: 'task', id, arena: 1, state, urgent, task: own }
  }
  return { log, sent, mail, executor, task }
}

test('tasks are done in order', async (t) => {
  const { log, sent, mail, executor, task } = open()
  mail.push(task(2, false, { name: 'b', count: 1 }))
  executor.receive(task(1, false, { name: 'a', count: 2 }))
  t.same(log, ['prepared 1', 'a0', 'a1', 'prepared 2', 'b0'])
  t.same(sent, [
    { id: 1, end: 'done' },
    { id: 2, end: 'done' },
  ])
})

test('an urgent task is done between the steps of another', async (t) => {
  const { log, mail, executor, task } = open()
  const urgent = task(2, true, { name: 'u', count: 2 })
  const at = (step: number) => void (step === 0 && mail.push(urgent))
  executor.receive(task(1, false, { name: 'a', count: 3, at }))
  t.same(log, ['prepared 1', 'a0', 'prepared 2', 'u0', 'u1', 'a1', 'a2'])
})

test('a cancelled task ends between two steps, and says so', async (t) => {
  const { log, sent, mail, executor, task } = open()
  const at = (step: number) => void (step === 1 && mail.push({ kind: 'cancel', id: 1 }))
  mail.push(task(2, false, { name: 'b', count: 1 }), { kind: 'cancel', id: 99 })
  executor.receive(task(1, false, { name: 'a', count: 5, at }))
  t.same(log, ['prepared 1', 'a0', 'a1', 'prepared 2', 'b0'])
  t.same(sent, [
    { id: 1, end: 'cancelled' },
    { id: 2, end: 'done' },
  ])
})

test('a task that throws is answered with its error, and the next one is done', async (t) => {
  const { sent, mail, executor, task } = open()
  const at = () => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  mail.push(task(2, false, { name: 'b', count: 1 }))
  executor.receive(task(1, false, { name: 'a', count: 1, at }))
  t.match(sent, [
    { id: 1, end: 'failed', error: { message: 'no space', code: 'ENOSPC' } },
    { id: 2, end: 'done' },
  ])
})

test('a task in a forgotten arena fails', async (t) => {
  const { sent, executor, task } = open()
  executor.receive({ kind: 'forget', arena: 1 })
  executor.receive(task(1, false, { name: 'a', count: 1 }))
  t.match(sent, [{ id: 1, end: 'failed' }])
})
