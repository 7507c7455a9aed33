import { Machine } from '../e2e/machine.ts'
import { withEnds } from '../bench/harness/with-ends.ts'
import { letWrite } from '../writers/writers.ts'
import type { Soak } from './soak.ts'

const windowMs = 20_000
const sharedFiles = 100
const counts = { two: 2, three: 3 } as const

/** Machines that write one drive on the devnet, all but one of them cut off at a time. */
export const writers: Soak = {
  name: 'writers',
  about:
    'mounts of one drive: random work, all but one are cut off for 20 s each time, daemons are killed',
  parts: Object.keys(counts),
  async run({ minutes, seed, say, parts, sealed }) {
    const rows: string[][] = []
    const failures: string[] = []
    for (const [name, count] of Object.entries(counts)) {
      if (!parts.includes(name)) continue
      const kind = sealed(seed + count) ? '--no-public' : '--public'
      const untilMs = Date.now() + minutes * 60_000
      const plan = { untilMs, windowMs, writers: count, sharedFiles, seed, say }
      const story = await withEnds(async (ends) => {
        const devnet = await Machine.withDevnet(ends)
        return letWrite(await devnet.withDrive(ends, 'demo', kind), plan, ends)
      })
      const { windows, steps, kills, conflicts, wrong } = story
      rows.push([name, ...[windows, steps, kills, conflicts, wrong.length].map(String)])
      failures.push(...wrong)
    }
    const head = ['writers', 'windows', 'changes', 'kills', 'changed by several', 'wrong']
    return { head, rows, failures }
  },
}
