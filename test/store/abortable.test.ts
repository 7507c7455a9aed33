import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { abortable } from '../../src/store/abortable.ts'

const gone = new Error('nobody waits any more')
const failure = new Error('the work failed')
const working = async (): Promise<never> => {
  await setTimeout(1)
  throw failure
}

test('work that fails later, for somebody who had gone before, upsets nobody', async (t) => {
  await t.rejects(abortable(working(), AbortSignal.abort(gone)), gone)
  await setTimeout(20)
  t.pass('no rejection was left to the process')
})

test('work that fails after its caller has gone upsets nobody', async (t) => {
  const controller = new AbortController()
  const waiting = abortable(working(), controller.signal)
  controller.abort(gone)
  await t.rejects(waiting, gone)
  await setTimeout(20)
  t.pass('no rejection was left to the process')
})

test('who waits gets the result, or the failure', async (t) => {
  const { signal } = new AbortController()
  t.equal(await abortable(Promise.resolve(7), signal), 7)
  await t.rejects(abortable(working(), signal), failure)
})
