import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { forgetPages } from '../../../src/cli/bench/page-cache.ts'
import { randomReads } from '../../../src/cli/bench/random-reads.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { fuseNativeOfMemory } from '../against/fuse-native.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { against, floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { withLimit } from '../harness/comparison.ts'
import { inTurn } from '../harness/in-turn.ts'

const fileBytes = 64 << 20
const reads = 12_000

/** The kernel forgets the file's pages before (posix_fadvise), and no place is read twice: each read asks the daemon. */
const rateOf = (path: string) => () => {
  if (!forgetPages(path)) throw new Error('this system cannot forget the pages of a file')
  return perSecond(randomReads(path, reads))
}

export const readRandom: Bench = {
  name: 'read-random',
  about: '4 KiB at random places, one job, from the daemon’s cache',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    const file = join(path, 'large')
    writeWhole(file, fileBytes)
    await machine.ok('sync', path)
    const there = join(await ground.other(machine).mount('demo', '--read-only'), 'large')
    readWhole(there)
    const rival = await fuseNativeOfMemory(ground.ends, fileBytes)
    const c = await passthroughOf(ground.ends)
    if (isThere(c)) writeWhole(join(c.path, 'large'), fileBytes)
    const { ours, staged, theirs, least } = await inTurn(ground.rounds, {
      ours: rateOf(there),
      staged: rateOf(file),
      ...(isThere(rival) && { theirs: rateOf(join(rival.path, 'large')) }),
      ...(isThere(c) && { least: rateOf(join(c.path, 'large')) }),
    })
    const measure = 'read 4 KiB at random, warm, one job'
    const row = { measure, better: 'higher', unit: 'reads/s', ours } as const
    return [
      withLimit(row, 15_000),
      against(rival, {
        ...row,
        against: 'fuse-native, from memory',
        theirs,
        goal: 2,
        ...floor(inC, least),
      }),
      withLimit({ ...row, measure: 'the same where it was written', ours: staged }, 15_000),
    ]
  },
}
