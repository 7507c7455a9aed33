import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Machine, tool } from '../../e2e/machine.ts'
import { withEnds } from '../harness/with-ends.ts'
import { CostMeter } from './cost-meter.ts'
import type { Cost, GrowthSeries } from './growth.ts'

/** Nothing is stored before it is asked for. */
const patient = [
  '--writeback-delay',
  '10h',
  '--writeback-size',
  '1T',
  '--append-delay',
  'off',
] as const
const fileBytes = 16
/** Every so many files one is renamed, and one deleted. */
const every = 10

/** Files in one directory. */
export const directoryGrowth: GrowthSeries = {
  name: 'directory',
  title: 'One directory: what its files cost the daemon',
  axis: { label: 'files in the directory' },
  sizes: { usual: [100, 1000, 10_000], full: [100, 1000, 10_000, 100_000] },
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
    await changes(machine, meter, files)
    await cold(new Machine(ends, machine), meter, files)
    return meter
  })
}

async function changes(machine: Machine, meter: CostMeter, files: number): Promise<void> {
  const mount = await machine.mount('demo', ...patient)
  const pids = [await machine.pidOf(mount)]
  const directory = join(mount, 'directory')
  mkdirSync(directory)
  const path = (number: number): string => join(directory, `file ${number}`)
  await meter.step('create', pids, () => {
    for (let i = 0; i < files; i++) writeFileSync(path(i), Buffer.alloc(fileBytes, `${i} `))
  })
  await meter.step('list', pids, () => readdirSync(directory))
  await meter.step('rename a tenth', pids, () => {
    for (let i = 0; i < files; i += every) renameSync(path(i), `${path(i)} renamed`)
  })
  await meter.step('delete a tenth', pids, () => {
    for (let i = 1; i < files; i += every) unlinkSync(path(i))
  })
  meter.memory('memory, not stored', pids[0]!)
  await meter.step('commit', pids, () => machine.ok('sync', mount))
  writeFileSync(path(2), 'changed')
  await meter.step('commit one change', pids, () => machine.ok('sync', mount))
  meter.memory('memory, stored', pids[0]!)
  await machine.ok('umount', mount)
}

async function cold(machine: Machine, meter: CostMeter, files: number): Promise<void> {
  const mount = await machine.mount('demo', '--read-only')
  const pid = await machine.pidOf(mount)
  await meter.step('list and stat, cold', [pid], () => {
    const listed = tool('find', [mount, '-type', 'f', '-printf', '%s\n'])
    const expected = files - Math.ceil((files - 1) / every)
    const count = listed.split('\n').length - 1
    if (count !== expected) throw new Error(`${count} files, not ${expected}`)
  })
  meter.memory('memory, listed', pid)
  spawnSync('sync')
  await machine.ok('umount', mount)
}
