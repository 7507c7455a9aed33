import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { SdkReader } from '../against/sdk.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const megabyte = 1 << 20
const fileBytes = 64 * megabyte

/** Each round is another machine, mounted anew, whose cache is empty. */
export const readColdRange: Bench = {
  name: 'read-cold-range',
  about: '1 MiB in the middle of a file that is only on the network',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    writeWhole(join(path, 'large'), fileBytes)
    const sdk = await SdkReader.of(machine, () => machine.ok('sync', path))
    const { ours, theirs } = await inTurn(ground.rounds, {
      ours: async (round) => {
        const other = ground.other(machine)
        const there = await other.mount('demo', '--read-only')
        const offset = (20 + 7 * round) * megabyte
        const took = await seconds(() => readAt(join(there, 'large'), offset))
        await other.ok('umount', there)
        return took
      },
      theirs: async () => (await sdk.read()).seconds,
    })
    const measure = 'read 1 MiB of 64, from an empty cache'
    const row = { measure, better: 'lower', unit: 's', ours, theirs } as const
    return [{ ...row, against: 'the SDK’s whole blob', goal: 50 }]
  },
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
