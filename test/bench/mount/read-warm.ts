import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { forgetPages } from '../../../src/cli/bench/page-cache.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'
import { dropCaches, noDropping } from '../harness/kernel-caches.ts'

const fileBytes = 64 << 20
/** Too little to keep any of the file until it is read again: its bytes come from the cache on disk. */
const littleMemory = ['--memory', '16M'] as const

export const readWarm: Bench = {
  name: 'read-warm',
  about: 'a file in the disk cache, not in the page cache',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    const host = ground.directory()
    const c = await passthroughOf(ground.ends)
    for (const directory of [path, host, ...(isThere(c) ? [c.path] : [])]) {
      writeWhole(join(directory, 'large'), fileBytes)
    }
    await machine.ok('sync', path)
    const there = await ground.other(machine).mount('demo', '--read-only', ...littleMemory)
    readWhole(join(there, 'large'))
    const rateIn = (directory: string) => () => {
      const file = join(directory, 'large')
      // The pages of the cache's own files, too.
      if (noDropping()) forgetPages(file)
      else dropCaches('all')
      return perSecond(readWhole(file)) / 1e6
    }
    const { ours, theirs, least } = await inTurn(ground.rounds, {
      ours: rateIn(there),
      theirs: rateIn(host),
      ...(isThere(c) && { least: rateIn(c.path) }),
    })
    const measure = 'read 64 MiB (disk cache, no page cache)'
    const row = { measure, better: 'higher', unit: 'MB/s', ours, theirs } as const
    return [{ ...row, against: 'host disk', goal: 0.5, ...floor(inC, least) }]
  },
}
