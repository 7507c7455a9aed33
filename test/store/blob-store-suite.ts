import type { Test } from 'tap'
import type {
  BlobStore,
  PackFile,
  StoreErrorCode,
  UploadedBlob,
} from '../../src/store/blob-store.ts'
import { encodedBytes, storageUnits } from '../../src/store/encoded-size.ts'
import { codeParameters } from '../../src/redstuff/parameters.ts'
import { parseBlobId } from '../../src/terms/blob-id.ts'
import { packFile, seededBytes } from './pack-file.ts'

/** A network to test a store on. */
export interface StoreNetwork {
  /** A store with an account of its own. Balances in MIST and FROST; plenty by default. */
  newStore(balances?: { readonly sui?: bigint; readonly wal?: bigint }): Promise<BlobStore>
  advanceEpoch(count?: number): Promise<void>
}

const nothingDone = () => {}
const { signal } = new AbortController()

/** All steps of a blob's birth, certified in a transaction of its own. */
export async function storeBlob(
  store: BlobStore,
  pack: PackFile,
  epochs = 3,
): Promise<UploadedBlob> {
  const [registered] = await store.register([await store.encode(pack, signal)], epochs, signal)
  const uploaded = await store.upload(registered!, pack, nothingDone, signal)
  await store.execute([store.certify(uploaded)], signal)
  return uploaded
}

async function rejectsWith(t: Test, work: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  await t.rejects(work, { name: 'StoreError', code }, code)
}

/** What every BlobStore must do. Run it once for each implementation. */
export function blobStoreSuite(t: Test, open: (t: Test) => Promise<StoreNetwork>): void {
  t.test('tells its limits and prices', async (t) => {
    const store = await (await open(t)).newStore()
    const { shards, maxBlobBytes, maxEpochsAhead } = await store.limits(signal)
    t.ok(shards >= 4 && maxBlobBytes > 100_000 && maxEpochsAhead > 0)
    const prices = await store.prices(signal)
    t.ok(prices.epoch >= 1 && prices.epochDurationMs > 0)
    t.ok(prices.storagePrice > 0n && prices.writePrice > 0n)
  })

  t.test('gives back what was stored, whole and in parts', async (t) => {
    const network = await open(t)
    const bytes = seededBytes(100_000, 'whole')
    const { blobId } = await storeBlob(await network.newStore(), packFile(t, bytes))
    const reader = await network.newStore()
    t.equal(await reader.size(blobId, signal), bytes.length)
    t.same(await reader.read(blobId, 0, bytes.length, signal), bytes)
    for (const [from, length] of [
      [0, 1],
      [99_999, 1],
      [12_345, 54_321],
      [7, 0],
    ] as const) {
      const want = bytes.subarray(from, from + length)
      t.same(await reader.read(blobId, from, length, signal), want, `${length} from ${from}`)
    }
  })

  t.test('clips a read at the end of the blob', async (t) => {
    const store = await (await open(t)).newStore()
    const bytes = seededBytes(5000, 'clip')
    const { blobId } = await storeBlob(store, packFile(t, bytes))
    t.same(await store.read(blobId, 4990, 100, signal), bytes.subarray(4990))
    t.equal((await store.read(blobId, 5000, 10, signal)).length, 0)
    t.equal((await store.read(blobId, 99_000, 10, signal)).length, 0)
    await t.rejects(store.read(blobId, -1, 10, signal), RangeError)
    await t.rejects(store.read(blobId, 0, 0.5, signal), RangeError)
  })

  t.test('gives columns of the matrix', async (t) => {
    const store = await (await open(t)).newStore()
    const bytes = seededBytes(10_001, 'columns')
    const { blobId } = await storeBlob(store, packFile(t, bytes))
    const code = codeParameters((await store.limits(signal)).shards, bytes.length)
    const { primarySymbols, secondarySymbols, symbolBytes, primarySliverBytes } = code
    const padded = Buffer.concat([bytes], primarySymbols * primarySliverBytes)
    for (const column of [0, 1, secondarySymbols - 1]) {
      const cells = Array.from({ length: primarySymbols }, (_, row) => {
        const from = row * primarySliverBytes + column * symbolBytes
        return padded.subarray(from, from + symbolBytes)
      })
      const got = await store.column(blobId, column, signal)
      t.same(Buffer.from(got), Buffer.concat(cells), `column ${column}`)
    }
    await t.rejects(store.column(blobId, secondarySymbols, signal), RangeError)
    await t.rejects(store.column(blobId, -1, signal), RangeError)
    const unknown = parseBlobId('A'.repeat(43))
    await rejectsWith(t, store.column(unknown, 0, signal), 'not-found')
  })

  t.test('stores nothing and one byte', async (t) => {
    const store = await (await open(t)).newStore()
    for (const bytes of [new Uint8Array(0), Uint8Array.of(42)]) {
      const { blobId } = await storeBlob(store, packFile(t, bytes))
      t.equal(await store.size(blobId, signal), bytes.length)
      t.same(await store.read(blobId, 0, 10, signal), Buffer.from(bytes))
    }
  })

  t.test('does not find what nobody stored', async (t) => {
    const store = await (await open(t)).newStore()
    const blob = parseBlobId('A'.repeat(43))
    await rejectsWith(t, store.read(blob, 0, 1, signal), 'not-found')
    await rejectsWith(t, store.size(blob, signal), 'not-found')
  })

  t.test('refuses a blob that is too large before anything is paid', async (t) => {
    const store = await (await open(t)).newStore()
    const { maxBlobBytes } = await store.limits(signal)
    const pack = packFile(t, new Uint8Array(maxBlobBytes + 1))
    await rejectsWith(t, store.encode(pack, signal), 'too-large')
  })

  t.test('pays once for a blob, however often it is registered', async (t) => {
    const store = await (await open(t)).newStore()
    const before = await store.balances(signal)
    const encoded = await store.encode(packFile(t, seededBytes(1000, 'once')), signal)
    const [quote, twice] = await store.quote([encoded, encoded], 4, signal)
    const [first] = await store.register([encoded], 4, signal)
    const { wal } = await store.balances(signal)
    t.same([quote, twice], [before.wal - wal, 0n], 'what was quoted, once')
    t.same(await store.quote([encoded], 4, signal), [0n], 'then nothing')
    t.same(await store.quote([{ bytes: encoded.bytes }], 4, signal), [quote], 'for others')
    t.ok(wal < before.wal, 'the first time something is paid')
    const [second] = await store.register([encoded], 4, signal)
    const [shorter] = await store.register([encoded], 8, signal)
    t.same([second!.objectId, shorter!.objectId], [first!.objectId, first!.objectId])
    t.equal((await store.balances(signal)).wal, wal, 'then nothing is paid')
    const [longer] = await store.register([encoded], 9, signal)
    t.not(longer!.objectId, first!.objectId, 'unless it would end too soon')
  })

  t.test('a blob that is to be permanent cannot be deleted', async (t) => {
    const store = await (await open(t)).newStore()
    const pack = packFile(t, seededBytes(1000, 'permanent'))
    const encoded = await store.encode(pack, signal)
    const [usual] = await store.register([encoded], 4, signal)
    t.equal(usual!.deletable, true)
    const [permanent] = await store.register([{ ...encoded, permanent: true }], 4, signal)
    t.equal(permanent!.deletable, false)
    t.not(permanent!.objectId, usual!.objectId)
    const uploaded = await store.upload(permanent!, pack, nothingDone, signal)
    await store.execute([store.certify(uploaded)], signal)
    const [again] = await store.register([{ ...encoded, permanent: true }], 4, signal)
    t.equal(again!.objectId, permanent!.objectId, 'it is paid for once')
  })

  t.test('takes the storage of deleted blobs before it buys any, and each once', async (t) => {
    const network = await open(t)
    const store = await network.newStore()
    const { shards } = await store.limits(signal)
    const { epoch, storagePrice, writePrice } = await store.prices(signal)
    const wal = async () => (await store.balances(signal)).wal
    const units = (bytes: number) => storageUnits(encodedBytes(shards, bytes))
    const paid = async (seed: string, bytes: number, epochs = 4) => {
      const before = await wal()
      const [quote] = await store.quote([{ bytes }], epochs, signal)
      const blob = await storeBlob(store, packFile(t, seededBytes(bytes, seed)), epochs)
      t.equal(before - (await wal()), quote, 'what was quoted')
      return [before - (await wal()), blob.endEpoch] as const
    }
    const deleted = async () => {
      const owned = await store.owned(signal)
      const before = await wal()
      await store.execute([store.remove(owned)], signal)
      t.equal(await wal(), before, 'no WAL comes back')
    }
    const [one, write] = [units(1000) * storagePrice, units(1000) * writePrice]
    t.same(await paid('a', 1000), [4n * one + write, epoch + 4])
    t.same(await store.spare(signal), [])
    await deleted()
    t.match(await store.spare(signal), [
      { bytes: encodedBytes(shards, 1000), startEpoch: epoch, endEpoch: epoch + 4 },
    ])
    t.same(await paid('b', 1000), [write, epoch + 4], 'its storage is paid for already')
    t.same(await paid('c', 1000), [4n * one + write, epoch + 4], 'that was all')
    await deleted()
    await network.advanceEpoch()
    t.same(await paid('d', 1000), [one + write, epoch + 5], 'what is missing at the end is bought')
    t.same(await paid('e', 1000, 2), [write, epoch + 4], 'it may last longer than was asked for')
    await deleted()
    const large = units(1_000_000)
    t.ok(large > units(1000))
    const whole = large * (4n * storagePrice + writePrice)
    t.same(await paid('f', 1_000_000), [whole, epoch + 5], 'small ones are left alone')
    t.equal((await store.spare(signal)).length, 2)
    await deleted()
    const spare = (await store.spare(signal)).reduce((sum, { bytes }) => sum + bytes, 0)
    for (const seed of ['g', 'h', 'i', 'j']) {
      t.same(await paid(seed, 1000), [write, epoch + 5], 'of a large one so much is split off')
    }
    const left = (await store.spare(signal)).reduce((sum, { bytes }) => sum + bytes, 0)
    t.equal(spare - left, 4 * encodedBytes(shards, 1000), 'nothing is lost of it')
    await network.advanceEpoch(4)
    t.same(await store.spare(signal), [], 'ended, all of it')
    t.same(await paid('k', 1000), [4n * one + write, epoch + 9])
  })

  t.test('registers several blobs at once, in the order given', async (t) => {
    const store = await (await open(t)).newStore()
    const seeds = ['a', 'b', 'a', 'c', 'd', 'e']
    const encoded = []
    for (const seed of seeds) {
      encoded.push(await store.encode(packFile(t, seededBytes(1000, seed)), signal))
    }
    const registered = await store.register(encoded, 2, signal)
    t.same(
      registered.map(({ blobId }) => blobId),
      encoded.map(({ blobId }) => blobId),
    )
    t.equal(registered[0]!.objectId, registered[2]!.objectId, 'the same bytes are one blob')
    const owned = await store.owned(signal)
    t.equal(owned.length, 5)
    const { epoch } = await store.prices(signal)
    for (const { objectId, bytes, certified, deletable, endEpoch } of owned) {
      t.ok(registered.some((blob) => blob.objectId === objectId))
      t.same({ bytes, certified, deletable }, { bytes: 1000, certified: false, deletable: true })
      t.equal(endEpoch, epoch + 2)
    }
  })

  t.test('uploads and certifies again without harm', async (t) => {
    const store = await (await open(t)).newStore()
    const pack = packFile(t, seededBytes(3000, 'again'))
    const uploaded = await storeBlob(store, pack)
    t.match(await store.owned(signal), [{ objectId: uploaded.objectId, certified: true }])
    const again = await store.upload(uploaded, pack, nothingDone, signal)
    await store.execute([store.certify(again), store.certify(uploaded)], signal)
    const [taken] = await store.register([again], 3, signal)
    t.equal(taken!.objectId, uploaded.objectId, 'a certified one is taken, too')
  })

  t.test('tells how far an upload is', async (t) => {
    const store = await (await open(t)).newStore()
    const pack = packFile(t, seededBytes(50_000, 'progress'))
    const [registered] = await store.register([await store.encode(pack, signal)], 1, signal)
    const seen: [number, number][] = []
    await store.upload(registered!, pack, (sent, total) => seen.push([sent, total]), signal)
    const [sent, total] = seen.at(-1)!
    t.ok(total >= pack.bytes && sent <= total)
    for (let i = 1; i < seen.length; i++) t.ok(seen[i]![0] >= seen[i - 1]![0], 'never back')
    await store.settle(signal)
  })

  t.test('uploads nothing else than what was registered', async (t) => {
    const store = await (await open(t)).newStore()
    const right = seededBytes(2000, 'right')
    const [registered] = await store.register(
      [await store.encode(packFile(t, right), signal)],
      1,
      signal,
    )
    const wrong = packFile(t, seededBytes(2000, 'wrong'))
    try {
      const uploaded = await store.upload(registered!, wrong, nothingDone, signal)
      await store.execute([store.certify(uploaded)], signal)
      t.same(await store.read(registered!.blobId, 0, 2000, signal), right, 'kept since encode')
    } catch (error) {
      t.match(error, { name: 'StoreError', code: 'corrupt' })
    }
  })

  t.test('collects a certificate anew when the epoch has changed', async (t) => {
    const network = await open(t)
    const store = await network.newStore()
    const pack = packFile(t, seededBytes(2000, 'epoch'))
    const [registered] = await store.register([await store.encode(pack, signal)], 5, signal)
    const stale = await store.upload(registered!, pack, nothingDone, signal)
    await network.advanceEpoch()
    await rejectsWith(t, store.execute([store.certify(stale)], signal), 'stale-epoch')
    const fresh = await store.upload(registered!, pack, nothingDone, signal)
    t.equal(fresh.epoch, stale.epoch + 1)
    await store.execute([store.certify(fresh)], signal)
    t.equal(await store.size(fresh.blobId, signal), 2000)
  })

  t.test('extends and removes, all of a transaction or nothing', async (t) => {
    const network = await open(t)
    const store = await network.newStore()
    const { blobId } = await storeBlob(store, packFile(t, seededBytes(1000, 'kept')))
    const [kept] = await store.owned(signal)
    await store.register(
      [await store.encode(packFile(t, seededBytes(9, 'raw')), signal)],
      3,
      signal,
    )
    const raw = (await store.owned(signal)).find((blob) => !blob.certified)!
    const both = store.execute([store.extend([kept!], 2), store.extend([raw], 2)], signal)
    await rejectsWith(t, both, 'rejected')
    t.same(await ends(store, [kept!.objectId]), [kept!.endEpoch])

    await store.execute([store.extend([kept!], 2)], signal)
    t.same(await ends(store, [kept!.objectId]), [kept!.endEpoch + 2])

    await store.execute([store.extend([kept!], 2)], signal)
    t.same(await ends(store, [kept!.objectId]), [kept!.endEpoch + 2], 'not twice')
    await store.execute([store.extend([kept!], 3)], signal)
    t.same(await ends(store, [kept!.objectId]), [kept!.endEpoch + 3], 'only what is missing')

    await store.execute([store.remove([kept!, raw])], signal)
    t.same(await store.owned(signal), [])
    t.same(await store.objects([kept!.objectId], signal), [undefined])
    await rejectsWith(t, (await network.newStore()).read(blobId, 0, 1, signal), 'not-found')
  })

  t.test('buys storage no further ahead than the network sells', async (t) => {
    const store = await (await open(t)).newStore()
    const { maxEpochsAhead } = await store.limits(signal)
    const encoded = await store.encode(packFile(t, seededBytes(10, 'far')), signal)
    await rejectsWith(t, store.register([encoded], maxEpochsAhead + 1, signal), 'rejected')
    t.equal((await store.register([encoded], maxEpochsAhead, signal)).length, 1)
  })

  t.test('lets nobody touch what another owns', async (t) => {
    const network = await open(t)
    const [owner, stranger] = [await network.newStore(), await network.newStore()]
    await storeBlob(owner, packFile(t, seededBytes(100, 'mine')))
    const owned = await owner.owned(signal)
    await rejectsWith(t, stranger.execute([stranger.extend(owned, 1)], signal), 'not-owner')
    await rejectsWith(t, stranger.execute([stranger.remove(owned)], signal), 'not-owner')
    t.same(await stranger.owned(signal), [])
    const ids = owned.map(({ objectId }) => objectId)
    const { objectId, blobId, endEpoch } = owned[0]!
    const seen = { objectId, blobId, endEpoch, bytes: 100, certified: true }
    t.match(await stranger.objects(ids, signal), [{ ...seen, ours: false }])
    t.match(await owner.objects(ids, signal), [{ ...seen, ours: true }])
  })

  t.test('forgets a blob when its storage has ended', async (t) => {
    const network = await open(t)
    const store = await network.newStore()
    const { blobId } = await storeBlob(store, packFile(t, seededBytes(100, 'brief')), 2)
    const { objectId, endEpoch } = (await store.owned(signal))[0]!
    await network.advanceEpoch()
    t.equal(await store.size(blobId, signal), 100)
    t.ok(await store.isStored(blobId, signal))
    await network.advanceEpoch()
    t.notOk(await store.isStored(blobId, signal), 'whatever who stored it remembers')
    await rejectsWith(t, (await network.newStore()).read(blobId, 0, 1, signal), 'not-found')
    t.same(await store.owned(signal), [])
    t.match(await store.objects([objectId], signal), [{ endEpoch }], 'its object stays')
  })

  t.test('says what the account lacks', async (t) => {
    const network = await open(t)
    const encoded = await (
      await network.newStore()
    ).encode(packFile(t, seededBytes(100, 'poor')), signal)
    const withoutWal = await network.newStore({ wal: 1n })
    await rejectsWith(t, withoutWal.register([encoded], 1, signal), 'no-wal')
    const withoutGas = await network.newStore({ sui: 0n })
    await rejectsWith(t, withoutGas.register([encoded], 1, signal), 'no-gas')
    t.equal((await withoutWal.balances(signal)).wal, 1n)
  })

  t.test('rejects with the reason of the signal', async (t) => {
    const store = await (await open(t)).newStore()
    const pack = packFile(t, seededBytes(100, 'abort'))
    const { blobId } = await storeBlob(store, pack)
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    for (const work of [
      store.read(blobId, 0, 1, aborted),
      store.size(blobId, aborted),
      store.encode(pack, aborted),
      store.owned(aborted),
      store.execute([], aborted),
    ]) {
      t.equal(await work.catch((error: unknown) => error), reason)
    }
  })
}

async function ends(store: BlobStore, objectIds: readonly string[]): Promise<number[]> {
  const owned = await store.owned(signal)
  return owned.filter((blob) => objectIds.includes(blob.objectId)).map((blob) => blob.endEpoch)
}
