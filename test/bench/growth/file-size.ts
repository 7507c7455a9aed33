import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Machine } from '../../e2e/machine.ts'
import { withEnds } from '../harness/with-ends.ts'
import { checkAt, readKnown, sampledOffsets, writeKnown } from './big-file.ts'
import { CostMeter } from './cost-meter.ts'
import type { Cost, GrowthSeries } from './growth.ts'

const [kibi, mebi, gibi] = [2 ** 10, 2 ** 20, 2 ** 30]
const randomReads = 64
const randomBytes = 4096
/** Of a longer file only so much is read through from an empty cache. */
const mostRead = gibi
/** Changes are stored as they come. The cache is small, so that a long file does not fit. */
const flags = ['--cache-size', '1G', '--dirty-limit', '1G'] as const

/** The length of one file. */
export const fileGrowth: GrowthSeries = {
  name: 'file',
  title: 'One file: what its bytes cost the daemon',
  axis: { label: 'bytes of the file', numbers: 'bytes' },
  sizes: {
    usual: [kibi, 64 * kibi, mebi, 16 * mebi, 256 * mebi],
    full: [kibi, 64 * kibi, mebi, 16 * mebi, 256 * mebi, gibi, 10 * gibi],
  },
  async measure(sizes, found) {
    for (const bytes of sizes) found(await measure(bytes))
  },
}

/** Each on a network of its own: what is stored there takes five times as much of the disk. */
async function measure(bytes: number): Promise<Cost> {
  return withEnds(async (ends) => {
    const machine = await Machine.withDevnet(ends).then((devnet) =>
      devnet.withDrive(ends, 'demo', '--public'),
    )
    const meter = new CostMeter(bytes)
    const mount = await machine.mount('demo', ...flags)
    const pid = await machine.pidOf(mount)
    const path = join(mount, 'file')
    await meter.step('write and store', [pid], async () => {
      writeKnown(path, bytes)
      await machine.ok('sync', mount)
    })
    meter.peak('memory at most, writing', pid)
    await machine.ok('umount', mount)
    await readElsewhere(new Machine(ends, machine), meter, bytes)
    return meter
  })
}

async function readElsewhere(machine: Machine, meter: CostMeter, bytes: number): Promise<void> {
  const mount = await machine.mount('demo', '--read-only', ...flags)
  const pid = await machine.pidOf(mount)
  const path = join(mount, 'file')
  const length = Math.min(randomBytes, bytes)
  await meter.step(`${randomReads} random reads, cold`, [pid], () => {
    const fd = openSync(path, 'r')
    for (const at of sampledOffsets(bytes, length, randomReads)) checkAt(fd, at, length)
    closeSync(fd)
  })
  const read = Math.min(bytes, mostRead)
  if (read === bytes) {
    await meter.step('read through, cold', [pid], () => readKnown(path, 0, read))
  } else readKnown(path, bytes - read, read)
  meter.peak('memory at most, reading', pid)
  await machine.ok('umount', mount)
}
