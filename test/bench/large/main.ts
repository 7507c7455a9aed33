import yargs from 'yargs'
import { byteCount } from '../../../src/daemon/quantity.ts'
import { Machine } from '../../e2e/machine.ts'
import { withEnds } from '../harness/with-ends.ts'
import { requireDisk } from './bounds.ts'
import { hotBytes, readElsewhere, storeFiles } from './real-file.ts'
import { scan } from './scan.ts'
import { sparseFile } from './sparse-file.ts'

const ofReal = { type: 'string', default: '10G', describe: 'Of the real file' } as const
const ofSparse = { type: 'string', default: '100G', describe: 'Of the sparse file' } as const

/**
 * `npm run bench -- large`: a sparse and a real file that are longer than memory and cache: written, stored, read on another
 * machine, and at last the real one scanned.
 */
export async function large(args: readonly string[]): Promise<void> {
  const flags = await yargs(args)
    .scriptName('npm run bench -- large')
    .options({ bytes: ofReal, sparse: ofSparse })
    .strict()
    .parseAsync()
  const bytes = byteCount(flags.bytes)
  await onDevnet(bytes, async (machine, other) => {
    await sparseFile(machine, other(), byteCount(flags.sparse))
    await storeFiles(machine, bytes)
    await readElsewhere(other(), bytes)
    await scan(other(), bytes)
  })
}

/** `npm run bench -- scan`: whether 100 MB in use stay in a cache of 1 GB while 10 GB are read through. */
export async function scanning(args: readonly string[]): Promise<void> {
  const flags = await yargs(args)
    .scriptName('npm run bench -- scan')
    .options({ bytes: ofReal })
    .strict()
    .parseAsync()
  const bytes = byteCount(flags.bytes)
  await onDevnet(bytes, async (machine, other) => {
    await storeFiles(machine, bytes)
    await scan(other(), bytes)
  })
}

async function onDevnet(
  bytes: number,
  work: (machine: Machine, other: () => Machine) => Promise<void>,
): Promise<void> {
  requireDisk(bytes + hotBytes)
  return withEnds(async (ends) => {
    const devnet = await Machine.withDevnet(ends)
    const machine = await devnet.withDrive(ends, 'demo', '--public')
    await work(machine, () => new Machine(ends, machine))
  })
}
