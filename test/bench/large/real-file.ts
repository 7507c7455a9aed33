import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../e2e/machine.ts'
import { checkAt, sampledOffsets, writeKnown } from '../growth/big-file.ts'
import { boundFlags, gigabytes } from './bounds.ts'
import { told } from './told.ts'

const samples = 200
const sampleBytes = 64 << 10

/** What {@link storeFiles} makes. */
export const names = { hot: 'hot', real: 'real' } as const
export const hotBytes = 100_000_000

/** Writes a file of so many real bytes, and a hot one beside it, reads here and there in it, and stores it. */
export async function storeFiles(machine: Machine, bytes: number): Promise<void> {
  const mount = await machine.mount('demo', ...boundFlags)
  const pid = await machine.pidOf(mount)
  const path = join(mount, names.real)
  writeKnown(join(mount, names.hot), hotBytes)
  const text = `${gigabytes(bytes)} real`
  await told(`${text}, written (writers wait for what is stored)`, pid, () =>
    writeKnown(path, bytes),
  )
  await told(`${text}, ${samples} × 64 KiB read here`, pid, () => readSamples(path, bytes))
  await told(`${text}, the rest stored`, pid, () => machine.ok('sync', mount))
  await machine.ok('umount', mount)
}

/** Reads here and there on a machine that has nothing of it. */
export async function readElsewhere(other: Machine, bytes: number): Promise<void> {
  const mount = await other.mount('demo', '--read-only', ...boundFlags)
  const pid = await other.pidOf(mount)
  const text = `${gigabytes(bytes)} real, ${samples} × 64 KiB read elsewhere`
  await told(text, pid, () => readSamples(join(mount, names.real), bytes))
  await other.ok('umount', mount)
}

function readSamples(path: string, bytes: number): void {
  const fd = openSync(path, 'r')
  for (const at of sampledOffsets(bytes, sampleBytes, samples)) checkAt(fd, at, sampleBytes)
  closeSync(fd)
}
