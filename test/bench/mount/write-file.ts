import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { rcloneOfDirectory } from '../against/rclone.ts'
import { against, floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'

const fileBytes = 64 << 20

/** In MB/s, from open to close, over the same name each time. */
const rateIn = (directory: string) => () =>
  perSecond(writeWhole(join(directory, 'large'), fileBytes)) / 1e6

export const writeFile: Bench = {
  name: 'write-file',
  about: 'a large file, until it is closed',
  run: async (ground) => {
    const { path } = await ground.drive()
    const rclone = await rcloneOfDirectory(ground.ends)
    const c = await passthroughOf(ground.ends)
    const { ours, host, theirs, least } = await inTurn(ground.rounds, {
      ours: rateIn(path),
      host: rateIn(ground.directory()),
      ...(isThere(rclone) && { theirs: rateIn(rclone.path) }),
      ...(isThere(c) && { least: rateIn(c.path) }),
    })
    const measure = 'write 64 MiB until close'
    const row = { measure, better: 'higher', unit: 'MB/s', ours } as const
    return [
      { ...row, against: 'host disk', theirs: host },
      against(rclone, {
        ...row,
        against: 'rclone mount, full cache',
        theirs,
        goal: 2,
        ...floor(inC, least),
      }),
    ]
  },
}
