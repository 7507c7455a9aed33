import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'

const fileBytes = 64 << 20
/** Of which each round takes the best: what is measured is the kernel, not who disturbs it. */
const passes = 5

export const readHot: Bench = {
  name: 'read-hot',
  about: 'a file that the kernel has in its page cache',
  run: async (ground) => {
    const { path } = await ground.drive()
    const host = ground.directory()
    const c = await passthroughOf(ground.ends)
    for (const directory of [path, host, ...(isThere(c) ? [c.path] : [])]) {
      writeWhole(join(directory, 'large'), fileBytes)
    }
    const rateIn = (directory: string) => () => {
      const rates = Array.from({ length: passes }, () =>
        perSecond(readWhole(join(directory, 'large'))),
      )
      return Math.max(...rates) / 1e6
    }
    const { ours, theirs, least } = await inTurn(ground.rounds, {
      ours: rateIn(path),
      theirs: rateIn(host),
      ...(isThere(c) && { least: rateIn(c.path) }),
    })
    const measure = 'read 64 MiB again (page cache)'
    const row = { measure, better: 'higher', unit: 'MB/s', ours, theirs } as const
    return [{ ...row, against: 'host page cache', goal: 0.9, ...floor(inC, least) }]
  },
}
