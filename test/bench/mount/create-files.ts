import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { createFiles as create } from '../../../src/cli/bench/small-files.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { rcloneOfDirectory } from '../against/rclone.ts'
import { against, floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'

const files = 2000

const rateIn = (directory: string) => (round: number) =>
  perSecond(create(join(directory, `small-${round}`), files))

export const createFiles: Bench = {
  name: 'create-files',
  about: 'small files in a new directory',
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
    const measure = 'create 2,000 × 4 KiB'
    const row = { measure, better: 'higher', unit: 'files/s', ours } as const
    return [
      { ...row, against: 'host disk', theirs: host },
      against(rclone, {
        ...row,
        against: 'rclone mount, full cache',
        theirs,
        goal: 5,
        ...floor(inC, least),
      }),
    ]
  },
}
