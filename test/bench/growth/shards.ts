import { join } from 'node:path'
import { Machine } from '../../e2e/machine.ts'
import { withEnds } from '../harness/with-ends.ts'
import { readKnown, writeKnown } from './big-file.ts'
import { CostMeter } from './cost-meter.ts'
import type { Cost, GrowthSeries } from './growth.ts'

const bytes = 16 * 2 ** 20
const patient = [
  '--writeback-delay',
  '10h',
  '--writeback-size',
  '1T',
  '--append-delay',
  'off',
] as const

/** Shards of the network, for the same 16 MiB. */
export const shardGrowth: GrowthSeries = {
  name: 'shards',
  title: 'The network: what 16 MiB cost the daemon',
  axis: { label: 'shards of the network (n)' },
  sizes: { usual: [32, 100, 316], full: [32, 100, 316, 1000] },
  async measure(sizes, found) {
    for (const shards of sizes) found(await measure(shards))
  },
}

async function measure(shards: number): Promise<Cost> {
  return withEnds(async (ends) => {
    const devnet = await Machine.withDevnet(ends, '--shards', String(shards))
    const machine = await devnet.withDrive(ends, 'demo', '--public')
    const meter = new CostMeter(shards)
    const mount = await machine.mount('demo', ...patient)
    const pid = await machine.pidOf(mount)
    writeKnown(join(mount, 'file'), bytes)
    await meter.step('commit', [pid], () => machine.ok('sync', mount))
    meter.peak('memory at most, writing', pid)
    await machine.ok('umount', mount)
    const other = new Machine(ends, machine)
    const there = await other.mount('demo', '--read-only')
    const reader = await other.pidOf(there)
    await meter.step('read through, cold', [reader], () => readKnown(join(there, 'file'), 0, bytes))
    meter.peak('memory at most, reading', reader)
    await other.ok('umount', there)
    return meter
  })
}
