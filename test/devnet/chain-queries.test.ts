import { bcs } from '@mysten/sui/bcs'
import { GrpcTypes } from '@mysten/sui/grpc'
import { t as root, test } from 'tap'
import { playgroundPackage, publish } from './chain-playground.ts'
import { clientOf, createdOf, fundedAccount, startChain } from './chain-start.ts'

const shared = startChain(root)

test('owned objects come in pages, of all types or of one', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  for (let i = 1; i <= 11; i++) await chain.faucet(alice.address, { sui: BigInt(i) })
  const all = new Set<string>()
  let cursor: string | null = null
  let pages = 0
  do {
    const page: Awaited<ReturnType<typeof alice.client.listOwnedObjects>> =
      await alice.client.listOwnedObjects({ owner: alice.address, limit: 5, cursor })
    for (const object of page.objects) all.add(object.objectId)
    cursor = page.cursor
    pages++
  } while (cursor)
  t.equal(pages, 3)
  t.equal(all.size, 13)
  const coins = await alice.client.listCoins({ owner: alice.address, coinType: chain.walType })
  t.equal(coins.objects.length, 1)
  t.equal(coins.objects[0]?.balance, String(10n ** 12n))
  const anyCoin = await alice.client.listOwnedObjects({
    owner: alice.address,
    type: '0x2::coin::Coin',
  })
  t.equal(anyCoin.objects.length, 13)
  const none = await alice.client.listOwnedObjects({
    owner: alice.address,
    type: '0x2::package::UpgradeCap',
  })
  t.equal(none.objects.length, 0)
})

test('balances count coins and never an address balance', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  await chain.faucet(alice.address, { sui: 5n })
  const { balance } = await alice.client.getBalance({ owner: alice.address })
  t.match(balance, { balance: String(10n ** 12n + 5n), addressBalance: '0' })
  const { balances } = await alice.client.listBalances({ owner: alice.address })
  t.same(new Set(balances.map((each) => each.coinType)).size, 2)
  t.ok(balances.every((each) => each.addressBalance === '0'))
  const nobody = await alice.client.getBalance({ owner: '0x1234' })
  t.equal(nobody.balance.balance, '0')
})

test('a missing object does not fail the others of its batch', async (t) => {
  const chain = await shared
  const client = clientOf(chain)
  const { objects } = await client.getObjects({ objectIds: [chain.systemObjectId, '0x1234'] })
  t.match(objects[0], { objectId: chain.systemObjectId })
  t.match(objects[1], { code: 'notExists' })
  await t.rejects(async () => await client.ledgerService.getObject({ objectId: '0x1234' }), {
    code: 'NOT_FOUND',
  })
  await t.rejects(async () => await client.ledgerService.getObject({ objectId: 'nonsense' }), {
    code: 'INVALID_ARGUMENT',
  })
  await t.rejects(async () => await client.ledgerService.getTransaction({ digest: 'nothing' }), {
    code: 'NOT_FOUND',
  })
})

test('a mask leaves out what was not asked for', async (t) => {
  const chain = await shared
  const client = clientOf(chain)
  const get = async (...paths: string[]) =>
    (
      await client.ledgerService.getObject({
        objectId: chain.systemObjectId,
        ...(paths.length > 0 && { readMask: { paths } }),
      })
    ).response.object!
  t.same(Object.keys(await get()).sort(), ['digest', 'objectId', 'version'])
  t.same(Object.keys(await get('version', 'digest')).sort(), ['digest', 'version'])
  const everything = await get('*')
  t.ok(everything.contents && everything.bcs && everything.owner)
  t.same(Object.keys((await get('contents.value')).contents ?? {}).sort(), ['name', 'value'])
})

test('base64 and binary requests get the same answers', async (t) => {
  const chain = await shared
  const [text, binary] = [clientOf(chain, 'text'), clientOf(chain, 'binary')]
  const objectId = chain.systemObjectId
  const include = { content: true, objectBcs: true } as const
  t.same(await text.getObject({ objectId, include }), await binary.getObject({ objectId, include }))
})

test('old versions of an object can be read as long as the history has them', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const { objects } = await alice.client.listCoins({ owner: alice.address })
  const objectId = objects[0]!.objectId
  const versions: bigint[] = []
  for (let i = 0; i < 3; i++) {
    const paid = await alice.succeed((tx) =>
      tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], alice.address),
    )
    versions.push(BigInt(paid.effects!.lamportVersion!))
  }
  const balances: bigint[] = []
  for (const version of versions) {
    const readMask = { paths: ['version', 'balance'] }
    const { response } = await alice.client.ledgerService.getObject({ objectId, version, readMask })
    t.equal(response.object?.version, version)
    balances.push(response.object!.balance!)
  }
  t.ok(balances[0]! > balances[1]! && balances[1]! > balances[2]!)
  await t.rejects(
    async () => await alice.client.ledgerService.getObject({ objectId, version: 1_000_000n }),
    {
      code: 'NOT_FOUND',
    },
  )
})

test('the epoch and the service tell what executors ask', async (t) => {
  const client = clientOf(await shared)
  const { systemState } = await client.core.getCurrentSystemState()
  t.equal(systemState.referenceGasPrice, '1000')
  t.ok(Number(systemState.epochStartTimestampMs) > 1_600_000_000_000)
  t.equal(systemState.parameters.epochDurationMs, '86400000')
  t.equal((await client.core.getReferenceGasPrice()).referenceGasPrice, '1000')
  const { chainIdentifier } = await client.core.getChainIdentifier()
  const { response } = await client.ledgerService.getServiceInfo({})
  t.equal(response.chainId, chainIdentifier)
  const first = await client.ledgerService.getCheckpoint({
    checkpointId: { oneofKind: 'sequenceNumber', sequenceNumber: 0n },
  })
  t.equal(first.response.checkpoint?.digest, chainIdentifier)
  const newest = await client.ledgerService.getCheckpoint({
    checkpointId: { oneofKind: undefined },
    readMask: { paths: ['*'] },
  })
  t.equal(newest.response.checkpoint?.sequenceNumber, response.checkpointHeight)
  t.equal(newest.response.checkpoint?.transactions.length, 1)
})

test('currencies are described', async (t) => {
  const chain = await shared
  const client = clientOf(chain)
  t.match(await client.core.getCoinMetadata({ coinType: chain.walType }), {
    coinMetadata: { decimals: 9, symbol: 'WAL' },
  })
  t.match(await client.core.getCoinMetadata({ coinType: '0x2::sui::SUI' }), {
    coinMetadata: { decimals: 9, symbol: 'SUI' },
  })
  t.same(await client.core.getCoinMetadata({ coinType: '0x2::clock::Clock' }), {
    coinMetadata: null,
  })
})

test('packages, functions and datatypes are described', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const published = await publish(alice, playgroundPackage())
  const { function: paint } = await alice.client.core.getMoveFunction({
    packageId: published.id,
    moduleName: 'objects',
    name: 'unlock',
  })
  t.match(paint, {
    visibility: 'public',
    isEntry: false,
    typeParameters: [{ constraints: [] }],
    parameters: [
      { reference: null, body: { datatype: { typeName: published.at('objects::Safe') } } },
      { reference: 'mutable' },
    ],
  })
  const service = alice.client.movePackageService
  const color = await service.getDatatype({
    packageId: published.id,
    moduleName: 'objects',
    name: 'Color',
  })
  t.equal(color.response.datatype?.kind, GrpcTypes.DatatypeDescriptor_DatatypeKind.ENUM)
  t.same(
    color.response.datatype?.variants.map((variant) => variant.name),
    ['Red', 'Mix', 'Grey'],
  )
  const whole = await service.getPackage({ packageId: published.id })
  t.same(
    whole.response.package?.modules.map((module) => module.name),
    ['arithmetic', 'objects'],
  )
  const missing = { packageId: published.id, moduleName: 'objects', name: 'nothing' }
  await t.rejects(async () => await service.getFunction(missing), { code: 'NOT_FOUND' })
  const { object } = await alice.client.getObject({
    objectId: published.id,
    include: { objectBcs: true },
  })
  t.equal(object.type, 'package')
  const parsed = bcs.Object.parse(object.objectBcs!)
  t.equal(parsed.data.Package?.version, '1')
  t.equal(parsed.data.Package?.typeOriginTable.length, 10)
})

test('effects are the same as message and as bytes', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const result = await alice.succeed((tx) =>
    tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], alice.address),
  )
  const parsed = bcs.TransactionEffects.parse(result.effects!.bcs!).V2!
  t.equal(parsed.transactionDigest, result.digest)
  t.equal(parsed.lamportVersion, result.effects!.lamportVersion)
  t.same(parsed.gasUsed, result.effects!.gasUsed)
  t.same(
    parsed.changedObjects.map(([id]) => id),
    result.effects!.changedObjects.map((change) => change.objectId),
  )
  t.equal(parsed.changedObjects[parsed.gasObjectIndex!]?.[0], result.effects!.gasObject?.objectId)
  const [coin] = createdOf(result, '::sui::SUI>')
  const { object } = await alice.client.getObject({ objectId: coin!, include: { objectBcs: true } })
  const change = result.effects!.changedObjects.find((each) => each.objectId === coin)!
  t.equal(object.digest, change.outputDigest)
  const again = await alice.client.getTransaction({
    digest: result.digest,
    include: { effects: true, balanceChanges: true, transaction: true, bcs: true, events: true },
  })
  t.same(again.Transaction?.effects, result.effects)
  t.same(again.Transaction?.balanceChanges, result.balanceChanges)
  t.equal(bcs.TransactionData.parse(again.Transaction!.bcs!).V1?.sender, alice.address)
})
