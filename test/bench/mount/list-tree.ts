import { join } from 'node:path'
import { createFiles } from '../../../src/cli/bench/small-files.ts'
import { tool } from '../../e2e/machine.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const directories = 3
const filesEach = 2000

export const listTree: Bench = {
  name: 'list-tree',
  about: 'find -ls of a tree that the daemon knows',
  run: async (ground) => {
    const { path } = await ground.drive()
    const host = ground.directory()
    for (const root of [path, host]) {
      for (let k = 0; k < directories; k++) createFiles(join(root, `d${k}`), filesEach)
    }
    const rateIn = (root: string) => async () =>
      (directories * filesEach) / (await seconds(() => tool('find', [root, '-ls'])))
    const { ours, theirs } = await inTurn(ground.rounds, {
      ours: rateIn(path),
      theirs: rateIn(host),
    })
    const measure = 'find -ls of 6,000 files'
    return [{ measure, against: 'host disk', better: 'higher', unit: 'files/s', ours, theirs }]
  },
}
