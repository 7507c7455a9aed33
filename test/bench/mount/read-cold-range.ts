import { closeSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { SdkReader } from '../against/sdk.ts'
import type { Bench } from '../harness/bench.ts'
import { withLimit } from '../harness/comparison.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const megabyte = 1 << 20
const fileBytes = 64 * megabyte
/** What may be fetched: the rows that hold the megabyte, which are two unless it lies well, and a tenth. */
const rows = 2
const allowance = 1.1

/** Each round is another machine, mounted anew, whose cache is empty. */
export const readColdRange: Bench = {
  name: 'read-cold-range',
  about: '1 MiB in the middle of a file that is only on the network',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    writeWhole(join(path, 'large'), fileBytes)
    const sdk = await SdkReader.of(machine, () => machine.ok('sync', path))
    const received: number[] = []
    let packBytes = 0
    const { ours, theirs } = await inTurn(ground.rounds, {
      ours: async (round) => {
        const other = ground.other(machine)
        const there = await other.mount('demo', '--read-only')
        const file = join(there, 'large')
        lstatSync(file)
        const pid = await other.pidOf(there)
        const before = bytesReadBy(pid)
        const offset = (20 + 7 * round) * megabyte
        const took = await seconds(() => readAt(file, offset))
        received.push((bytesReadBy(pid) - before) / 1e6)
        await other.ok('umount', there)
        return took
      },
      theirs: async () => {
        const read = await sdk.read()
        packBytes = read.bytes
        return read.seconds
      },
    })
    const measure = 'read 1 MiB of 64, from an empty cache'
    const fetched = { measure: `${measure}: received`, better: 'lower', unit: 'MB' } as const
    const rowBytes = codeParameters(sdk.shards, packBytes).primarySliverBytes
    return [
      {
        measure,
        against: 'the SDK’s whole blob',
        better: 'lower',
        unit: 's',
        ours,
        theirs,
        goal: 50,
      },
      withLimit({ ...fetched, ours: received }, (allowance * rows * rowBytes) / 1e6),
    ]
  },
}

/** By read(2), which sockets are read with, too; rchar of proc(5). */
function bytesReadBy(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1])
}

function readAt(path: string, offset: number): void {
  const fd = openSync(path, 'r')
  try {
    const got = readSync(fd, Buffer.alloc(megabyte), 0, megabyte, offset)
    if (got !== megabyte) throw new Error(`read ${got} bytes at ${offset} of ${path}`)
  } finally {
    closeSync(fd)
  }
}
