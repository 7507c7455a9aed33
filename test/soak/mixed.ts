import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Machine } from '../e2e/machine.ts'
import { withEnds } from '../bench/harness/with-ends.ts'
import { longPlan } from '../mixed/mixed-plan.ts'
import { mixed as run } from '../mixed/mixed.ts'
import { tablesOf } from '../mixed/report.ts'
import type { Soak } from './soak.ts'

const nodes = '7'

/** Mixed load on a drive while its network is in trouble, with memory and descriptors of the daemons. */
export const mixed: Soak = {
  name: 'mixed',
  about:
    'one writer, one follower: files of all sizes, faults every few seconds, memory and descriptors flat',
  async run({ untilMs, minutes, seed, say, out, sealed }) {
    return withEnds(async (ends) => {
      const kind = sealed(seed) ? '--no-public' : '--public'
      const devnet = await Machine.withDevnet(ends, '--nodes', nodes)
      const origin = await devnet.withDrive(ends, 'demo', kind)
      const into = out ?? mkdtempSync(join(tmpdir(), 'walrusfs-soak-'))
      const story = await run(origin, { ...longPlan, untilMs, seed, say, out: into }, ends)
      say(`readings, plots and logs are in ${into}`)
      const again = `npm run test:soak -- mixed --minutes ${minutes} --seed ${seed} ${sealed(seed) ? '--sealed' : '--public'}`
      return {
        ...tablesOf(story),
        failures: story.failures.map((failure) => `${failure} (again: ${again})`),
      }
    })
  },
}
