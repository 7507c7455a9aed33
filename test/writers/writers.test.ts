import { test } from 'tap'
import { Machine, noMounts } from '../e2e/machine.ts'
import { letWrite } from './writers.ts'

/** A sample; `npm run test:soak -- writers` goes on for ten minutes. */
test(
  'three machines that are cut off from each other lose nothing and come to the same tree',
  { skip: noMounts() },
  async (t) => {
    const devnet = await Machine.withDevnet(t)
    const origin = await devnet.withDrive(t)
    const say = (text: string) => t.comment(text)
    const times = { untilMs: Date.now() + 15_000, windowMs: 4000 }
    const plan = { ...times, writers: 3, sharedFiles: 12, seed: 5, say }
    const { wrong, conflicts, steps } = await letWrite(origin, plan, t)
    t.same(wrong, [])
    t.ok(conflicts > 0, `${conflicts} files were changed by more than one at once`)
    t.ok(steps > 20, `${steps} changes`)
  },
)
