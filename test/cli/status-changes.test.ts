import { test } from 'tap'
import { statusChanges } from '../../src/cli/status-changes.ts'
import type { DriveStatus, WritebackStatus } from '../../src/control/status.ts'

const idle = { state: 'idle', dirty: false, dirtyBytes: 0, total: 0 } as WritebackStatus

function status(writeback: Partial<WritebackStatus>, more: Partial<DriveStatus> = {}): DriveStatus {
  const some = { drive: 'demo', mountPoint: '/mnt', sequence: '3', health: 'ok', problems: [] }
  return { ...some, ...more, writeback: { ...idle, ...writeback } } as unknown as DriveStatus
}

test('at first it is said how things stand', async (t) => {
  t.same(statusChanges(undefined, status({})), [
    'demo on /mnt',
    'committed: sequence 3',
    'health: ok',
  ])
  const off = status({ state: 'off' })
  t.match(statusChanges(undefined, off), ['demo on /mnt', 'read-only: sequence 3', 'health: ok'])
})

test('a change is a line, and what only grows is none', async (t) => {
  const dirty = status({ dirty: true, dirtyBytes: 5000 })
  t.same(statusChanges(status({}), status({})), [])
  t.same(statusChanges(status({}), dirty), ['only here: 4.9 KiB'])
  t.same(statusChanges(dirty, status({ dirty: true, dirtyBytes: 9_000_000 })), [])
  const uploading = status({ state: 'committing', step: 'upload', dirtyBytes: 5000, total: 4096 })
  t.same(statusChanges(dirty, uploading), ['upload: 4.0 KiB'])
  t.same(statusChanges(uploading, status({}, { sequence: '4' })), ['committed: sequence 4'])
  t.same(statusChanges(status({}), status({}, { sequence: '4' })), ['committed: sequence 4'])
})

test('problems come and go, and their numbers are no news', async (t) => {
  const late = (text: string) =>
    status({}, { problems: [`${text} are only here`], health: 'degraded' })
  t.same(statusChanges(status({}), late('2.9 MiB')), [
    'problem: 2.9 MiB are only here',
    'health: degraded',
  ])
  t.same(statusChanges(late('2.9 MiB'), late('31 KiB')), [])
  t.same(statusChanges(late('31 KiB'), status({})), [
    'no longer: 31 KiB are only here',
    'health: ok',
  ])
})
