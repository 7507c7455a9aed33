import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Machine, tool } from '../../e2e/machine.ts'
import { withEnds } from '../harness/with-ends.ts'
import { CostMeter } from './cost-meter.ts'
import type { Cost, GrowthSeries } from './growth.ts'

const fileBytes = 16
const filesPerDirectory = 1000

/** Files on a drive, a thousand to a directory. They are stored as they come, as the defaults of a mount have it. */
export const driveGrowth: GrowthSeries = {
  name: 'drive',
  title: 'One drive: what its files cost the daemon',
  axis: { label: 'files on the drive' },
  sizes: { usual: [1000, 10_000, 50_000], full: [1000, 10_000, 100_000, 1_000_000] },
  async measure(sizes, found) {
    return withEnds(async (ends) => {
      const machine = await Machine.withDevnet(ends)
      for (const files of sizes) found(await measure(machine, files))
    })
  },
}

async function measure(devnet: Machine, files: number): Promise<Cost> {
  return withEnds(async (ends) => {
    const machine = await devnet.withDrive(ends, 'demo', '--public')
    const meter = new CostMeter(files)
    await create(machine, meter, files)
    await again(new Machine(ends, machine), meter, files)
    return meter
  })
}

async function create(machine: Machine, meter: CostMeter, files: number): Promise<void> {
  const mount = await machine.mount()
  const pid = await machine.pidOf(mount)
  await meter.step('create and store', [pid], async () => {
    for (let i = 0; i < files; i++) {
      const directory = join(mount, `directory ${Math.floor(i / filesPerDirectory)}`)
      if (i % filesPerDirectory === 0) mkdirSync(directory)
      writeFileSync(join(directory, `file ${i}`), Buffer.alloc(fileBytes, `${i} `))
    }
    await machine.ok('sync', mount)
  })
  meter.memory('memory, all made here', pid)
  meter.peak('memory, at most meanwhile', pid)
  writeFileSync(join(mount, 'directory 0/file 0'), 'changed')
  await meter.step('commit one change', [pid], () => machine.ok('sync', mount))
  await machine.ok('umount', mount)
}

async function again(machine: Machine, meter: CostMeter, files: number): Promise<void> {
  const mount = await machine.mount()
  const pid = await machine.pidOf(mount)
  meter.memory('memory, mounted', pid)
  await meter.step('find, cold', [pid], () => {
    const listed = tool('find', [mount, '-type', 'f', '-printf', '%s\n'])
    const count = listed.split('\n').length - 1
    if (count !== files) throw new Error(`${count} files, not ${files}`)
  })
  meter.memory('memory, all listed', pid)
  await meter.step('find again', [pid], () => tool('find', [mount, '-type', 'f']))
  writeFileSync(join(mount, 'directory 0/file 1'), 'changed')
  await meter.step('commit one change, elsewhere', [pid], () => machine.ok('sync', mount))
  await machine.ok('umount', mount)
}
