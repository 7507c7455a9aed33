import { Machine } from '../e2e/machine.ts'
import { withEnds } from '../bench/harness/with-ends.ts'
import { twoWriters } from '../writers/two-writers.ts'
import type { Soak } from './soak.ts'

const windowMs = 20_000
const sharedFiles = 100

/** Two machines that write one drive on the devnet, one of them cut off at a time. */
export const writers: Soak = {
  name: 'writers',
  about:
    'two mounts of one drive: random work, one is cut off for 20 s each time, daemons are killed',
  async run({ untilMs, seed, say }) {
    return withEnds(async (ends) => {
      const devnet = await Machine.withDevnet(ends)
      const origin = await devnet.withDrive(ends)
      const story = await twoWriters(origin, { untilMs, windowMs, sharedFiles, seed, say }, ends)
      const { windows, steps, kills, conflicts, wrong } = story
      return {
        head: ['', 'windows', 'changes', 'kills', 'changed by both', 'wrong'],
        rows: [['two writers', ...[windows, steps, kills, conflicts, wrong.length].map(String)]],
        failures: wrong,
      }
    })
  },
}
