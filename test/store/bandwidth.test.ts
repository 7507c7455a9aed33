import { test } from 'tap'
import { Bandwidth } from '../../src/runtime/bandwidth.ts'
import { BandwidthTable } from '../../src/runtime/bandwidth-table.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

const never = new AbortController().signal

test('slivers wait for the rate, both ways, by a clock that only such waiting moves', async (t) => {
  const network = await DevnetNetwork.start(t)
  const clock = {
    time: 0,
    now: () => clock.time,
    sleep: async (ms: number) => {
      await new Promise(setImmediate)
      clock.time += ms
    },
  }
  const rate = 64 << 10
  const bandwidth = new Bandwidth(BandwidthTable.parse('64K'), clock)
  const account = await network.newAccount()
  const store = network.openStore(account, { bandwidth })
  const bytes = seededBytes(1 << 20, 'bandwidth')
  const pack = packFile(t, bytes)

  const [blob] = await store.register([await store.encode(pack, never)], 3, never)
  t.equal(clock.time, 0, 'the chain is asked without waiting')
  const uploaded = await store.upload(blob!, pack, () => {}, never)
  await store.settle(never)
  const sentMs = clock.time
  t.ok(sentMs > ((2 * bytes.length) / rate) * 1000, `sent in ${sentMs} ms: slivers of both axes`)
  await store.execute([store.certify(uploaded)], never)
  t.equal(clock.time, sentMs)

  const other = network.openStore(account, { bandwidth })
  t.ok(bytes.equals(await other.read(blob!.blobId, 0, bytes.length, never)))
  await other.read(blob!.blobId, 0, 1, never)
  const readMs = clock.time - sentMs
  t.ok(readMs > (bytes.length / rate) * 900, `read in ${readMs} ms`)
  bandwidth.table = BandwidthTable.parse('off')
  const before = clock.time
  const third = network.openStore(account, { bandwidth })
  t.ok(bytes.equals(await third.read(blob!.blobId, 0, bytes.length, never)))
  t.equal(clock.time, before, 'and without a limit for nothing')
})
