import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomFillSync } from 'node:crypto'
import { tool } from '../../e2e/machine.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { rcloneOfDirectory } from '../against/rclone.ts'
import { against, floor, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const directories = 64
const filesEach = 100
const files = directories * filesEach
const longest = 16 << 10

export const copyTree: Bench = {
  name: 'copy-tree',
  about: 'cp -r of many small files',
  run: async (ground) => {
    const { path } = await ground.drive()
    const rclone = await rcloneOfDirectory(ground.ends)
    const c = await passthroughOf(ground.ends)
    const source = join(ground.directory(), 'tree')
    makeTree(source)
    const rateIn = (directory: string) => async (round: number) => {
      const to = join(directory, `copy-${round}`)
      return files / (await seconds(() => tool('cp', ['-r', source, to])))
    }
    const { ours, host, theirs, least } = await inTurn(ground.rounds, {
      ours: rateIn(path),
      host: rateIn(ground.directory()),
      ...(isThere(rclone) && { theirs: rateIn(rclone.path) }),
      ...(isThere(c) && { least: rateIn(c.path) }),
    })
    const measure = 'cp -r of 6,400 files, 8 KiB on average'
    const row = { measure, better: 'higher', unit: 'files/s', ours } as const
    return [
      { ...row, against: 'host disk', theirs: host },
      against(rclone, {
        ...row,
        against: 'rclone mount, full cache',
        theirs,
        goal: 10,
        ...floor(inC, least),
      }),
    ]
  },
}

/** Files of random bytes, evenly from 1 byte to {@link longest}. */
function makeTree(root: string): void {
  for (let directory = 0; directory < directories; directory++) {
    const path = join(root, `d${directory}`)
    mkdirSync(path, { recursive: true })
    for (let file = 0; file < filesEach; file++) {
      const bytes = Math.ceil((longest * (file + 1)) / filesEach)
      writeFileSync(join(path, `f${file}`), randomFillSync(Buffer.alloc(bytes)))
    }
  }
}
