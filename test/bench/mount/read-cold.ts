import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { RowFetcher, rowsFetched } from '../against/rows-fetched.ts'
import { SdkReader } from '../against/sdk.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn } from '../harness/in-turn.ts'

const fileBytes = 64 << 20

/** Each round is another machine, mounted anew, whose cache is empty. */
export const readCold: Bench = {
  name: 'read-cold',
  about: 'a file that is only on the network',
  run: async (ground) => {
    const { machine, path } = await ground.drive()
    writeWhole(join(path, 'large'), fileBytes)
    const sdk = await SdkReader.of(machine, () => machine.ok('sync', path))
    const { bytes: blobBytes } = await sdk.read()
    const { id, devnet } = sdk.blob
    const rows = await RowFetcher.of(devnet, id, blobBytes)
    ground.ends.teardown(() => rows.close())
    const { ours, theirs, least } = await inTurn(ground.rounds, {
      ours: async () => {
        const other = ground.other(machine)
        const there = await other.mount('demo', '--read-only')
        const rate = perSecond(readWhole(join(there, 'large'))) / 1e6
        await other.ok('umount', there)
        return rate
      },
      theirs: async () => {
        const { bytes, seconds } = await sdk.read()
        return bytes / seconds / 1e6
      },
      least: async () => blobBytes / (await rows.fetch()) / 1e6,
    })
    const measure = 'read 64 MiB from an empty cache'
    const row = { measure, better: 'higher', unit: 'MB/s', ours, theirs } as const
    return [
      {
        ...row,
        against: 'readBlob of the SDK',
        goal: 50,
        floor: { what: rowsFetched, figures: least },
      },
    ]
  },
}
