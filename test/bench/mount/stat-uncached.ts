import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { createFiles } from '../../../src/cli/bench/small-files.ts'
import { shuffled } from '../../../src/cli/bench/shuffled.ts'
import { passthroughOf } from '../against/passthrough.ts'
import { against, isThere } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'
import { dropCaches, noDropping } from '../harness/kernel-caches.ts'

/** Few, for the C program looks through a list of all that it knows. */
const files = 100
const passes = 20
const measure = 'stat, not cached in the kernel'

/**
 * Both sides are asked once a stat, by one LOOKUP: the kernel's names and attributes are dropped before each pass, and both
 * give long times for them.
 */
export const statUncached: Bench = {
  name: 'stat-uncached',
  about: 'stat of a name that the kernel must ask for',
  run: async (ground) => {
    const rival = await passthroughOf(ground.ends)
    const reason = noDropping()
    if (reason) return [{ measure, against: 'C libfuse3 passthrough', skipped: reason }]
    const { path } = await ground.drive()
    for (const root of [path, ...(isThere(rival) ? [rival.path] : [])]) {
      createFiles(join(root, 'small'), files)
    }
    const { ours, theirs } = await inTurn(ground.rounds, {
      ours: () => microseconds(join(path, 'small')),
      ...(isThere(rival) && { theirs: () => microseconds(join(rival.path, 'small')) }),
    })
    const row = { measure, better: 'lower', unit: 'µs', ours } as const
    return [against(rival, { ...row, against: 'C libfuse3 passthrough', theirs, goal: 1 })]
  },
}

/** Of one stat, the mean. */
function microseconds(directory: string): number {
  let ms = 0
  for (let pass = 0; pass < passes; pass++) {
    dropCaches('names')
    // The directory itself is looked up here.
    lstatSync(join(directory, 'no such file'), { throwIfNoEntry: false })
    const paths = shuffled(files).map((k) => join(directory, `f${k}`))
    const began = performance.now()
    for (const path of paths) lstatSync(path)
    ms += performance.now() - began
  }
  return (1e3 * ms) / (passes * files)
}
