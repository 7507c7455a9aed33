import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { FsckReport } from '../../src/daemon/fsck-report.ts'
import { Machine, noMounts } from './machine.ts'

const megabyte = 1 << 20
const length = 200 * megabyte

test('200 MB go in and come back bit-exact, in bounded memory', { skip: noMounts() }, async (t) => {
  const machine = new Machine(t)
  await machine.startDevnet()
  await machine.create()
  const mount = await machine.mount()
  const pid = await machine.pidOf(mount)
  const path = join(mount, 'large')
  const written = createHash('sha256')
  const fd = openSync(path, 'w')
  for (let at = 0; at < length; at += megabyte) {
    const chunk = chunkAt(at)
    written.update(chunk)
    writeSync(fd, chunk)
  }
  closeSync(fd)
  const expected = written.digest('hex')
  t.equal(hashOf(path), expected, 'read back from the mount')
  await machine.ok('sync', mount)
  t.ok(peakBytes(pid) < 600e6, `the writing daemon stays under 600 MB (${peakBytes(pid)})`)

  const other = new Machine(t, machine)
  const cold = await other.mount('demo', '--read-only')
  t.equal(hashOf(join(cold, 'large')), expected, 'read from the network')
  const reader = await other.pidOf(cold)
  t.ok(peakBytes(reader) < 600e6, `the reading daemon stays under 600 MB (${peakBytes(reader)})`)
})

test('a public drive stores what repeats itself as one blob', { skip: noMounts() }, async (t) => {
  const machine = new Machine(t)
  await machine.startDevnet()
  await machine.create('demo', '--public')
  const mount = await machine.mount()
  const path = join(mount, 'repeated')
  const fd = openSync(path, 'w')
  for (let at = 0; at < 64; at++) writeSync(fd, chunkAt(0))
  closeSync(fd)
  const expected = hashOf(path)
  await machine.ok('sync', mount)
  const { blobs } = await machine.json<{ blobs: number }>('cost', mount)
  t.ok(blobs <= 3, `${blobs} blobs for 64 MiB`)
  const other = new Machine(t, machine)
  const cold = await other.mount('demo', '--read-only')
  t.equal(hashOf(join(cold, 'repeated')), expected)
  t.equal((await machine.json<FsckReport>('fsck', 'demo')).verdict, 'ok')
})

function chunkAt(at: number): Buffer {
  const chunk = Buffer.alloc(megabyte)
  for (let i = 0, x = at + 12345; i < megabyte; i += 4) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    chunk.writeUInt32LE(x, i)
  }
  return chunk
}

function hashOf(path: string): string {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(megabyte)
  const fd = openSync(path, 'r')
  for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer))
    hash.update(buffer.subarray(0, got))
  closeSync(fd)
  return hash.digest('hex')
}

/** Highest resident memory so far (VmHWM). */
function peakBytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1]) * 1024
}
