import { encodeQuilt } from '@mysten/walrus'
import { randomBytes } from 'node:crypto'
import { encodedBytes, storageUnits } from '../../../src/store/encoded-size.ts'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { Desk, type Ending } from '../../writeback/desk.ts'
import { write } from '../../writeback/files.ts'
import type { Bench } from '../harness/bench.ts'
import { withLimit } from '../harness/comparison.ts'

const shards = 1000
const packBytes = 64 << 20
const files = 100_000
const fileBytes = 4096
/** Files that are really packed; a pack of this drive holds about 16,000. */
const packed = 20_000
const limit = 6

/**
 * What Walrus bills for many small files, in whole MiB as it sells them, over their bytes. The packer's own bytes, directories
 * and tables included, of a sample, times what the sample stands for; the official quilts as full as they get.
 */
export const billedBytes: Bench = {
  name: 'billed-bytes',
  about: 'what 100,000 small files are billed as',
  run: async (ground) => {
    const stored = files * fileBytes
    const ours = [billed(packsOf(((await sampleBytes(ground.ends)) * files) / packed)) / stored]
    const alone = [(files * billed([fileBytes])) / stored]
    const quilts = [billed(quiltsOf(files)) / stored]
    const row = {
      measure: 'billed per stored byte, 100,000 × 4 KiB, 1000 shards',
      better: 'lower',
      unit: 'B/B',
      ours,
    } as const
    return [
      withLimit(row, limit),
      { ...row, against: 'a blob for each file', theirs: alone },
      { ...row, against: 'quilts', theirs: quilts },
    ]
  },
}

function billed(blobs: readonly number[]): number {
  return blobs.reduce(
    (sum, bytes) => sum + Number(storageUnits(encodedBytes(shards, Math.max(1, bytes)))) * 2 ** 20,
    0,
  )
}

/** Full packs and what is left. */
function packsOf(bytes: number): number[] {
  const packs = Array.from({ length: Math.floor(bytes / packBytes) }, () => packBytes)
  return [...packs, Math.ceil(bytes % packBytes)]
}

/** Bytes of the packs of one commit of {@link packed} files. */
async function sampleBytes(ends: Ending): Promise<number> {
  const desk = new Desk(ends, packBytes)
  const sitting = await desk.sit()
  for (let k = 0; k < packed; k++) await write(sitting, `file-${k}`, randomBytes(fileBytes))
  await sitting.commit()
  return [...desk.network.contents.values()].reduce((sum, { length }) => sum + length, 0)
}

/** The bytes of quilts as the official SDK makes them, each with as many files as it can hold. */
function quiltsOf(count: number): number[] {
  // One column is the index's; each file takes at least one.
  const most = codeParameters(shards, 1).secondarySymbols - 1
  const full = quilt(most)
  const rest = count % most
  return [
    ...Array.from({ length: Math.floor(count / most) }, () => full),
    ...(rest ? [quilt(rest)] : []),
  ]
}

function quilt(count: number): number {
  const blobs = Array.from({ length: count }, (_, k) => ({
    identifier: `file-${k}`,
    contents: randomBytes(fileBytes),
  }))
  return encodeQuilt({ blobs, numShards: shards, encodingType: 'RS2' }).quilt.length
}
