import { test } from 'tap'
import { isKilled } from '../../src/fuse/kernel/fatal-signal.ts'
import { PendingCalls } from '../../src/fuse/kernel/pending-calls.ts'
import type { PendingCall } from '../../src/fuse/kernel/pending-calls.ts'

const [read, write, fsync] = [15, 16, 20]

function callOf(opcode: number, low: number, sinceMs: number): PendingCall {
  const controller = new AbortController()
  return { low, high: 0, opcode, pid: 1, controller, canAbandon: true, sinceMs, isAnswered: false }
}

test('only what reads has a deadline here', async (t) => {
  const ended: [number, number][] = []
  const calls = new PendingCalls((call, errno) => {
    call.isAnswered = true
    ended.push([call.low, errno])
  })
  const old = [callOf(read, 2, 0), callOf(write, 4, 0), callOf(fsync, 6, 0)]
  for (const call of [...old, callOf(read, 8, 500_000)]) calls.add(call)
  calls.endOverdue(599_999)
  t.same(ended, [])
  calls.endOverdue(600_001)
  calls.endOverdue(600_002)
  t.same(ended, [[2, 110]], 'once')
  t.same(
    old.map((call) => call.controller?.signal.aborted),
    [true, false, false],
  )
  calls.remove(old[0]!)
  calls.end()
  t.ok(old.every((call) => call.controller?.signal.aborted))
})

test('a pending SIGKILL of the thread or of its process is fatal', async (t) => {
  const status = (thread: string, process: string) =>
    `Name:\tx\nSigPnd:\t${thread}\nShdPnd:\t${process}\nSigBlk:\t0000000000000100\n`
  t.notOk(isKilled(status('0000000000000000', '0000000000004002')))
  t.ok(isKilled(status('0000000000000100', '0000000000000000')))
  t.ok(isKilled(status('0000000000000000', 'fffffffffffff1ff')))
})
