import { join } from 'node:path'
import { createFiles } from '../../../src/cli/bench/small-files.ts'
import { tool } from '../../e2e/machine.ts'
import { inC, passthroughOf } from '../against/passthrough.ts'
import { rcloneOfWebdav } from '../against/rclone.ts'
import type { Rival } from '../against/rival.ts'
import { against, floor, isThere } from '../against/rival.ts'
import { s3fsOfLoopback } from '../against/s3fs.ts'
import type { Bench } from '../harness/bench.ts'
import { Ends } from '../harness/ends.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'
import { dropCaches, noDropping } from '../harness/kernel-caches.ts'

const directories = 10
const filesEach = 1000

/** Each round mounts anew, with nothing cached; only the listing counts. */
export const listTreeCold: Bench = {
  name: 'list-tree-cold',
  about: 'ls -lR by a daemon whose cache is empty',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    const remote = ground.directory()
    const c = await passthroughOf(ground.ends)
    for (const root of [path, remote, ...(isThere(c) ? [c.path] : [])]) {
      for (let k = 0; k < directories; k++) createFiles(join(root, `d${k}`), filesEach)
    }
    await machine.ok('sync', path)
    const ours = async () => {
      const other = ground.other(machine)
      const there = await other.mount('demo', '--read-only')
      const took = await list(there)
      await other.ok('umount', there)
      return took
    }
    const missing = new Map<string, Rival>()
    const theirs =
      (name: string, mount: (ends: Ends, remote: string) => Promise<Rival>) => async () => {
        const ends = new Ends()
        try {
          const rival = await mount(ends, remote)
          missing.set(name, rival)
          return isThere(rival) ? await list(rival.path) : NaN
        } finally {
          await ends.run()
        }
      }
    const found = await inTurn(ground.rounds, {
      ours,
      rclone: theirs('rclone', rcloneOfWebdav),
      s3fs: theirs('s3fs', s3fsOfLoopback),
      ...(isThere(c) && { least: () => (forgetNames(), list(c.path)) }),
    })
    const measure = 'ls -lR of 10,000 files, nothing cached'
    const same = { measure, better: 'lower', unit: 's', goal: 5 } as const
    const row = { ...same, ours: found.ours, ...floor(inC, found.least) }
    return [
      against(missing.get('rclone')!, {
        ...row,
        against: 'rclone mount of webdav',
        theirs: found.rclone,
      }),
      against(missing.get('s3fs')!, { ...row, against: 's3fs', theirs: found.s3fs }),
    ]
  },
}

/** So that the kernel asks for all again. */
function forgetNames(): void {
  if (!noDropping()) dropCaches('names')
}

async function list(root: string): Promise<number> {
  let lines = 0
  const took = await seconds(() => {
    lines = tool('ls', ['-lR', root]).match(/ f\d+$/gm)?.length ?? 0
  })
  if (lines !== directories * filesEach) throw new Error(`ls -lR of ${root} shows ${lines} files`)
  return took
}
