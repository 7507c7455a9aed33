import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../e2e/machine.ts'
import { checkAt, sampledOffsets, writeAt } from '../growth/big-file.ts'
import { boundFlags, gigabytes } from './bounds.ts'
import { say, told } from './told.ts'

/** All over the file so many islands of bytes are written. */
const islands = 256
const islandBytes = 64 << 10
/** So far behind an island nothing was written. */
const gapBytes = 1 << 20

/** A file with few bytes in it: written, stored, and read on another machine. Throws where the bytes are not right. */
export async function sparseFile(machine: Machine, other: Machine, bytes: number): Promise<void> {
  const offsets = sampledOffsets(bytes - gapBytes - islandBytes, islandBytes, islands)
  const mount = await machine.mount('demo', ...boundFlags)
  const pid = await machine.pidOf(mount)
  const text = `${gigabytes(bytes)} sparse`
  await told(`${text}, ${islands} × 64 KiB written`, pid, () => {
    const fd = openSync(join(mount, 'sparse'), 'w')
    for (const at of offsets) writeAt(fd, at, islandBytes)
    writeSync(fd, Buffer.of(0), 0, 1, bytes - 1)
    closeSync(fd)
  })
  await told(`${text}, stored`, pid, () => machine.ok('sync', mount))
  await machine.ok('umount', mount)

  const there = await other.mount('demo', '--read-only', ...boundFlags)
  const reader = await other.pidOf(there)
  const path = join(there, 'sparse')
  const { size, blocks } = statSync(path)
  if (size !== bytes) throw new Error(`it has ${size} bytes elsewhere, not ${bytes}`)
  say(`${text}, elsewhere: ${size} bytes, ${gigabytes(blocks * 512)} of them in extents`)
  await told(`${text}, islands and gaps read elsewhere`, reader, () => {
    const fd = openSync(path, 'r')
    for (const at of offsets) {
      checkAt(fd, at, islandBytes)
      checkHole(fd, at + islandBytes, offsets)
    }
    closeSync(fd)
  })
  await other.ok('umount', there)
}

/** What lies behind an island is zeros, as far as the next one. */
function checkHole(fd: number, from: number, offsets: readonly number[]): void {
  const next = Math.min(...offsets.filter((at) => at >= from))
  const hole = Buffer.alloc(Math.min(gapBytes, next - from), 1)
  readSync(fd, hole, 0, hole.length, from)
  if (hole.some((byte) => byte !== 0)) throw new Error(`no hole at ${from}`)
}
