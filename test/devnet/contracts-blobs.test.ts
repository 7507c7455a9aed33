import { bcs } from '@mysten/sui/bcs'
import { t as root, test } from 'tap'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { walrusOriginal, walrusPackage } from '../../src/devnet/contracts/addresses.ts'
import { createdOf, fundedAccount, startChain } from './chain-start.ts'
import {
  WalrusCalls,
  bitmapOf,
  certificateFor,
  certifyBlob,
  encodedSize,
  registerBlob,
  testBlob,
  walOf,
  walrusClient,
} from './contracts-walrus.ts'

const shared = startChain(root)
const mebibyte = 1024 * 1024

test('storage and registration cost what the prices say', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  for (const [size, epochs] of [
    [1, 1],
    [3_000_000, 5],
  ] as const) {
    const before = await walOf(chain, alice)
    await registerBlob(chain, alice, testBlob(`price ${size}`, size), { epochs })
    const units = BigInt(Math.ceil(encodedSize(size) / mebibyte))
    const price = units * chain.prices.storage * BigInt(epochs) + units * chain.prices.write
    t.equal(before - (await walOf(chain, alice)), price)
  }
})

test('a registered blob is as the SDK reads it, and nodes hear of it', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blob = testBlob('read by the SDK', 77)
  const heard: string[] = []
  t.teardown(chain.view.onEvent((event) => heard.push(event.type)))
  const object = await registerBlob(chain, alice, blob, { epochs: 4 })
  const read = await walrusClient(chain, alice).getBlobObject(object)
  t.match(read, {
    id: object,
    registered_epoch: chain.view.epoch,
    blob_id: String(blob.id),
    size: '77',
    encoding_type: 1,
    certified_epoch: null,
    deletable: true,
    storage: { start_epoch: chain.view.epoch, end_epoch: chain.view.epoch + 4 },
  })
  const registration = chain.view.registration(blobIdFromBytes(blob.idBytes))
  t.match(registration, {
    size: 77,
    certified: false,
    endEpoch: chain.view.epoch + 4,
    objects: [{ objectId: object, deletable: true, certifiedEpoch: undefined }],
  })
  t.same(heard, ['BlobRegistered'])
  await certifyBlob(chain, alice, object, certificateFor(chain, blob, object))
  t.ok(chain.view.registration(blobIdFromBytes(blob.idBytes))?.certified)
  t.same(heard, ['BlobRegistered', 'BlobCertified'])
})

/** Runs the commands and tells `module::function code` of the abort. */
async function abortOf(
  build: (
    walrus: WalrusCalls,
    tx: Parameters<Parameters<Awaited<ReturnType<typeof fundedAccount>>['run']>[0]>[0],
  ) => void,
): Promise<string> {
  const chain = await shared
  const account = await fundedAccount(chain)
  try {
    await account.succeed((tx) => build(new WalrusCalls(tx, chain), tx))
  } catch (error) {
    const { MoveAbort: abort } =
      (
        error as {
          executionError?: {
            MoveAbort?: { abortCode: string; location: { module: string; functionName: string } }
          }
        }
      ).executionError ?? {}
    if (!abort) return String(error)
    return `${abort.location.module}::${abort.location.functionName} ${abort.abortCode}`
  }
  return 'no abort'
}

test('buying and registering abort as Walrus does', async (t) => {
  const blob = testBlob('abort')
  const size = encodedSize(blob.size)
  const wal = 10n ** 9n
  const cases: [string, Parameters<typeof abortOf>[0]][] = [
    ['system_state_inner::reserve_space 2', (w) => w.reserve(size, 0, w.wal(wal))],
    ['system_state_inner::reserve_space 2', (w) => w.reserve(size, 54, w.wal(wal))],
    ['system_state_inner::reserve_space_for_epochs 11', (w) => w.reserve(0, 1, w.wal(wal))],
    ['balance::split 2', (w) => w.reserve(mebibyte, 1, w.wal(99n))],
    ['blob::new 3', (w) => w.register(w.reserve(size - 1, 1, w.wal(wal)), blob, w.wal(wal))],
    [
      'blob::new 6',
      (w) => w.register(w.reserve(size, 1, w.wal(wal)), blob, w.wal(wal), { id: 5n }),
    ],
    [
      'encoding::encoded_blob_length 0',
      (w) => w.register(w.reserve(size, 1, w.wal(wal)), blob, w.wal(wal), { encoding: 0 }),
    ],
    ['balance::split 2', (w) => w.register(w.reserve(size, 1, w.wal(wal)), blob, w.wal(1n))],
  ]
  for (const [expected, build] of cases) t.equal(await abortOf(build), expected, expected)
})

test('more than the whole capacity cannot be bought', async (t) => {
  const chain = await startChain(t, { prices: { storage: 0n, write: 0n } })
  const alice = await fundedAccount(chain)
  await t.rejects(
    alice.succeed((tx) => {
      const walrus = new WalrusCalls(tx, chain)
      const wal = walrus.wal(1n)
      tx.transferObjects([walrus.reserve(2n ** 50n + 1n, 1, wal), wal], alice.address)
    }),
    { message: /abort code: 1, in .*system_state_inner::use_capacity/ },
  )
})

test('certificates are really checked', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blob = testBlob('certificate')
  const other = testBlob('another certificate')
  const object = await registerBlob(chain, alice, blob)
  const refused = async (
    expected: RegExp,
    certificate: ReturnType<typeof certificateFor>,
    what: string,
  ) => t.rejects(certifyBlob(chain, alice, object, certificate), { message: expected }, what)
  const make = (changes: Parameters<typeof certificateFor>[3]) =>
    certificateFor(chain, blob, object, changes)
  const quorum = make({})
  const code = (n: number, place: string) => new RegExp(`abort code: ${n}, in .*${place}`)
  await refused(code(2, 'bls_aggregate::verify'), make({ signers: [0, 1] }), 'two of four nodes')
  await refused(
    code(2, 'bls_aggregate::verify'),
    { ...quorum, bitmap: new Uint8Array(0) },
    'nobody',
  )
  await refused(
    code(1, 'bls_aggregate::verify'),
    make({ signers: [0, 1], claimed: [0, 1, 2] }),
    'a signature that is missing',
  )
  await refused(
    code(1, 'bls_aggregate::verify'),
    make({ signers: [0, 1, 2], claimed: [1, 2, 3] }),
    'signatures of others',
  )
  await refused(
    code(0, 'bls_aggregate::non_signers'),
    { ...quorum, bitmap: bitmapOf([0, 1, 2, 4]) },
    'a node that does not exist',
  )
  await refused(
    code(0, 'bls_aggregate::non_signers'),
    { ...quorum, bitmap: Uint8Array.of(7, 0) },
    'a bitmap that is too long',
  )
  const flipped = Uint8Array.from(quorum.message)
  flipped[8]! ^= 1
  await refused(code(1, 'bls_aggregate'), { ...quorum, message: flipped }, 'a changed message')
  const garbled = Uint8Array.from(quorum.signature)
  garbled[40]! ^= 1
  await refused(code(1, 'bls_aggregate'), { ...quorum, signature: garbled }, 'a garbled signature')
  await refused(code(1, 'bls_aggregate'), { ...quorum, signature: new Uint8Array(3) }, 'too short')
  await refused(code(1, 'messages'), make({ epoch: chain.view.epoch + 1 }), 'another epoch')
  await refused(code(0, 'messages'), make({ intent: [1, 0, 4] }), 'another application')
  await refused(code(3, 'messages'), make({ intent: [1, 1, 3] }), 'another version')
  await refused(code(2, 'messages'), make({ intent: [2, 0, 3] }), 'another kind of message')
  await refused(code(6, 'blob::certify'), make({ idBytes: other.idBytes }), 'another blob')
  await refused(code(9, 'blob::certify'), certificateFor(chain, blob, undefined), 'permanent')
  await refused(code(10, 'blob::certify'), certificateFor(chain, blob, '0x5'), 'another object')
  await certifyBlob(chain, alice, object, quorum)
  await refused(code(5, 'blob::certify'), make({ signers: [1, 2, 3] }), 'certified already')
})

test('all four nodes, or a permanent blob, are certified as well', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blob = testBlob('permanent')
  const object = await registerBlob(chain, alice, blob, { deletable: false })
  const signers = [0, 1, 2, 3]
  await certifyBlob(chain, alice, object, certificateFor(chain, blob, undefined, { signers }))
  const read = await walrusClient(chain, alice).getBlobObject(object)
  t.equal(read.certified_epoch, chain.view.epoch)
})

test('several blobs are registered and certified in one transaction each', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blobs = [1, 2, 3].map((n) => testBlob(`together ${n}`))
  const made = await alice.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    const wal = walrus.wal(10n ** 9n)
    const objects = blobs.map((blob) =>
      walrus.register(walrus.reserve(encodedSize(blob.size), 2, wal), blob, wal),
    )
    tx.transferObjects([...objects, wal], alice.address)
  })
  const objects = createdOf(made, '::blob::Blob')
  t.equal(objects.length, 3)
  const client = walrusClient(chain, alice)
  const byId = new Map<string, string>()
  for (const object of objects) byId.set((await client.getBlobObject(object)).blob_id, object)
  const certified = await alice.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    for (const blob of blobs) {
      const object = byId.get(String(blob.id))!
      walrus.certify(object, certificateFor(chain, blob, object))
    }
  })
  t.equal(certified.events!.length, 3)
})

test('a deletable blob is deleted, and its storage is left', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blob = testBlob('deleted')
  const object = await registerBlob(chain, alice, blob)
  const deleted = await alice.succeed((tx) =>
    tx.transferObjects([new WalrusCalls(tx, chain).delete(object)], alice.address),
  )
  t.equal(chain.view.registration(blobIdFromBytes(blob.idBytes)), undefined)
  const storage = Object.entries(deleted.objectTypes!).find(([, type]) =>
    type.endsWith('::storage_resource::Storage'),
  )!
  const reused = testBlob('in the same space')
  await alice.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    const wal = walrus.wal(1000n)
    tx.transferObjects([walrus.register(tx.object(storage[0]), reused, wal), wal], alice.address)
  })
  t.ok(chain.view.registration(blobIdFromBytes(reused.idBytes)))
  const permanent = await registerBlob(chain, alice, testBlob('kept'), { deletable: false })
  await t.rejects(
    alice.succeed((tx) =>
      tx.transferObjects([new WalrusCalls(tx, chain).delete(permanent)], alice.address),
    ),
    { message: /abort code: 1, in .*blob::delete/ },
  )
})

test('a blob is extended once it is certified', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const blob = testBlob('extended')
  const object = await registerBlob(chain, alice, blob, { epochs: 3 })
  const extend = (epochs: number) =>
    alice.succeed((tx) => {
      const walrus = new WalrusCalls(tx, chain)
      const wal = walrus.wal(100_000n)
      walrus.extend(object, epochs, wal)
      tx.transferObjects([wal], alice.address)
    })
  await t.rejects(extend(1), { message: /abort code: 0, in .*blob::assert_certified/ })
  await certifyBlob(chain, alice, object, certificateFor(chain, blob, object))
  await t.rejects(extend(0), { message: /abort code: 2, in .*system_state_inner::extend_blob/ })
  await t.rejects(extend(51), { message: /abort code: 2, in .*system_state_inner::extend_blob/ })
  const before = await walOf(chain, alice)
  await extend(5)
  t.equal(before - (await walOf(chain, alice)), 5n * chain.prices.storage)
  const id = blobIdFromBytes(blob.idBytes)
  t.equal(chain.view.registration(id)?.endEpoch, chain.view.epoch + 8)
  t.equal(chain.view.registration(id)?.objects[0]?.certifiedEpoch, chain.view.epoch)
})

test('attributes are added, changed and removed as the SDK does it', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const client = walrusClient(chain, alice)
  const blobObjectId = await registerBlob(chain, alice, testBlob('attributes'))
  const write = (attributes: Record<string, string | null>) =>
    client.executeWriteBlobAttributesTransaction({
      blobObjectId,
      attributes,
      signer: alice.keypair,
    })
  await alice.succeed((tx) => {
    const pair = [tx.pure.string('a'), tx.pure.string('0')]
    const at = 'blob::insert_or_update_metadata_pair'
    new WalrusCalls(tx, chain).call(at, [tx.object(blobObjectId), ...pair])
  })
  await write({ a: '1', b: 'zwei' })
  client.reset()
  t.same(await client.readBlobAttributes({ blobObjectId }), { a: '1', b: 'zwei' })
  await write({ a: null, b: 'two', c: '3' })
  client.reset()
  t.same(await client.readBlobAttributes({ blobObjectId }), { b: 'two', c: '3' })
  await alice.succeed((tx) => {
    new WalrusCalls(tx, chain).call('blob::burn', [tx.object(blobObjectId)])
  })
  await t.rejects(alice.client.getObject({ objectId: blobObjectId }))
})

test('storage is split and fused', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const made = await alice.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    const wal = walrus.wal(10_000n)
    const storage = walrus.reserve(10 * mebibyte, 4, wal)
    const part = walrus.call('storage_resource::split_by_size', [storage, tx.pure.u64(mebibyte)])
    const later = walrus.call('storage_resource::split_by_epoch', [
      storage,
      tx.pure.u32(chain.view.epoch + 1),
    ])
    walrus.call('storage_resource::fuse', [storage, later])
    tx.transferObjects([storage, part, wal], alice.address)
  })
  const ids = createdOf(made, '::storage_resource::Storage')
  t.equal(ids.length, 2)
  const { objects } = await alice.client.getObjects({ objectIds: ids, include: { content: true } })
  const Storage = bcs.struct('S', {
    id: bcs.Address,
    start: bcs.u32(),
    end: bcs.u32(),
    size: bcs.u64(),
  })
  const read = objects.map((object) => Storage.parse((object as { content: Uint8Array }).content))
  t.same(new Set(read.map(({ size }) => Number(size))), new Set([9 * mebibyte, mebibyte]))
  for (const { start, end } of read) t.equal(end - start, 4)
})

test('a shared blob is kept alive by anyone', async (t) => {
  const chain = await shared
  const [alice, bob] = [await fundedAccount(chain), await fundedAccount(chain)]
  const blob = testBlob('shared')
  const object = await registerBlob(chain, alice, blob)
  await certifyBlob(chain, alice, object, certificateFor(chain, blob, object))
  const made = await alice.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    walrus.call('shared_blob::new_funded', [tx.object(object), walrus.wal(500n)])
  })
  const [sharedId] = createdOf(made, '::shared_blob::SharedBlob')
  await bob.succeed((tx) => {
    new WalrusCalls(tx, chain).call('shared_blob::extend', [
      tx.object(sharedId!),
      tx.object(chain.systemObjectId),
      tx.pure.u32(5),
    ])
  })
  t.equal(chain.view.registration(blobIdFromBytes(blob.idBytes))?.endEpoch, chain.view.epoch + 8)
})

test('old versions of the package are refused, its types stay', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  await t.rejects(
    alice.succeed((tx) => {
      tx.moveCall({
        target: `${walrusOriginal}::system::epoch`,
        arguments: [tx.object(chain.systemObjectId)],
      })
    }),
    { message: /abort code: 1, in .*system::inner/ },
  )
  await alice.succeed((tx) => {
    tx.moveCall({
      target: `${walrusPackage}::system::epoch`,
      arguments: [tx.object(chain.systemObjectId)],
    })
  })
  for (const packageId of [walrusOriginal, walrusPackage]) {
    const { function: stake } = await alice.client.core.getMoveFunction({
      packageId,
      moduleName: 'staking',
      name: 'stake_with_pool',
    })
    t.match(stake.parameters[1]?.body, {
      datatype: { typeParameters: [{ datatype: { typeName: chain.walType } }] },
    })
  }
})

test('the functions of the devnet itself cannot be called', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  await t.rejects(
    alice.succeed((tx) => {
      tx.moveCall({
        target: `${walrusPackage}::devnet::advance_epoch`,
        arguments: [
          tx.object(chain.systemObjectId),
          tx.object(chain.stakingPoolId),
          tx.pure.u64(0),
        ],
      })
    }),
    { message: /NonEntryFunctionInvoked/ },
  )
  await t.rejects(
    alice.succeed((tx) => {
      tx.moveCall({
        target: '0x2::coin::mint_for_devnet',
        typeArguments: ['0x2::sui::SUI'],
        arguments: [tx.pure.u64(1), tx.pure.address(alice.address)],
      })
    }),
    { message: /NonEntryFunctionInvoked/ },
  )
})
