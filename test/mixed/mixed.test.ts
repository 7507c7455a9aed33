import { test } from 'tap'
import { Machine, noMounts } from '../e2e/machine.ts'
import { shortPlan } from './mixed-plan.ts'
import { mixed } from './mixed.ts'

/** A sample; `npm run test:soak -- mixed --minutes 60` goes on for an hour, and judges memory and descriptors. */
test(
  'mixed load under faults: every read is right, and all is there on three machines',
  { skip: noMounts() },
  async (t) => {
    const devnet = await Machine.withDevnet(t, '--nodes', '7')
    const origin = await devnet.withDrive(t)
    const say = (text: string) => t.comment(text)
    const plan = { ...shortPlan, untilMs: Date.now() + 14_000, seed: 3, say, out: undefined }
    const { failures, operations, happened, readings } = await mixed(origin, plan, t)
    t.same(failures, [])
    const done = operations.reduce((sum, { count }) => sum + count, 0)
    t.ok(done > 60, `${done} operations`)
    t.equal(happened.get('writer killed'), 1)
    t.ok((happened.get('whole tree compared') ?? 0) >= 3, 'the whole tree is compared')
    const troubles = [...happened.keys()].filter((kind) =>
      /^(node|full node|line|epoch)/.test(kind),
    )
    t.ok(troubles.length >= 3, `in trouble: ${troubles.join(', ')}`)
    t.ok(
      readings.every(({ resident, descriptors }) => resident > 1 << 20 && descriptors > 3),
      'memory and descriptors are read',
    )
  },
)
