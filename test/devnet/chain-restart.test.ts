import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { openChain } from '../../src/devnet/chain/open-chain.ts'
import { Ledger } from '../../src/devnet/chain/ledger/ledger.ts'
import type { Commit } from '../../src/devnet/chain/ledger/commit.ts'
import type { MoveObject } from '../../src/devnet/chain/objects/object.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { Account, chainOptions, fundedAccount, temporaryDirectory } from './chain-start.ts'

const log = (directory: string) => {
  const ledger = join(directory, 'ledger')
  return join(
    ledger,
    readdirSync(ledger).find((name) => name.startsWith('log-'))!,
  )
}

test('a chain goes on after a restart as if nothing had been', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  const first = await openChain(options)
  const alice = await fundedAccount(first)
  const paid = await alice.succeed((tx) =>
    tx.transferObjects([tx.splitCoins(tx.gas, [7])[0]!], alice.address),
  )
  const { balances } = await alice.client.listBalances({ owner: alice.address })
  const { chainIdentifier } = await alice.client.core.getChainIdentifier()
  await first.close()
  const second = await openChain(options)
  t.teardown(() => second.close())
  t.equal(second.systemObjectId, first.systemObjectId)
  const again = Object.assign(new Account(second), {
    keypair: alice.keypair,
    address: alice.address,
  })
  t.equal((await again.client.core.getChainIdentifier()).chainIdentifier, chainIdentifier)
  t.same((await again.client.listBalances({ owner: alice.address })).balances, balances)
  const found = await again.client.getTransaction({
    digest: paid.digest,
    include: { effects: true },
  })
  t.same(found.Transaction?.effects, paid.effects)
  const next = await again.succeed((tx) =>
    tx.transferObjects([tx.splitCoins(tx.gas, [8])[0]!], alice.address),
  )
  t.ok(BigInt(next.effects!.lamportVersion!) > BigInt(paid.effects!.lamportVersion!))
})

test('a log that was cut off anywhere ends with the last whole transaction', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  const chain = await openChain(options)
  const recipient = `0x${'ab'.repeat(32)}`
  const sizes: number[] = []
  for (let i = 1; i <= 3; i++) {
    await chain.faucet(recipient, { sui: BigInt(i) })
    sizes.push(statSync(log(directory)).size)
  }
  await chain.close()
  const cuts = [
    [sizes[0]!, 1n],
    [sizes[0]! + 3, 1n],
    [sizes[0]! + 100, 1n],
    [sizes[1]! - 1, 1n],
    [sizes[1]!, 3n],
    [sizes[2]! - 40, 3n],
    [sizes[2]!, 6n],
  ] as const
  for (const [cut, balance] of cuts) {
    const copy = join(temporaryDirectory(t), 'copy')
    cpSync(directory, copy, { recursive: true })
    truncateSync(log(copy), cut)
    const cutOff = await openChain({ ...options, directory: copy })
    const { client } = new Account(cutOff)
    const found = await client.getBalance({ owner: recipient })
    t.equal(found.balance.balance, String(balance), `cut at ${cut}`)
    await cutOff.faucet(recipient, { sui: 100n })
    await cutOff.close()
    const healed = await openChain({ ...options, directory: copy })
    const later = await new Account(healed).client.getBalance({ owner: recipient })
    t.equal(later.balance.balance, String(balance + 100n))
    await healed.close()
  }
})

test('a log that had only begun, and time that was moved ahead, are gone on with', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  const chain = await openChain(options)
  chain.advanceClock(5 * 86_400_000)
  await chain.faucet('0x5', { sui: 1n })
  await chain.close()
  const again = await openChain(options)
  const { client } = new Account(again)
  t.equal((await client.core.getCurrentSystemState()).systemState.epoch, '5')
  await again.close()
  for (const size of [0, 3, 8]) {
    const begun = join(temporaryDirectory(t), 'begun')
    cpSync(directory, begun, { recursive: true })
    truncateSync(log(begun), size)
    const fresh = await openChain({ ...options, directory: begun })
    await fresh.faucet('0x5', { sui: 2n })
    await fresh.close()
    const third = await openChain({ ...options, directory: begun })
    const found = await new Account(third).client.getBalance({ owner: '0x5' })
    t.equal(found.balance.balance, '2')
    await third.close()
  }
})

test('garbage after the log, or a flipped bit in its last record, is dropped', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  const chain = await openChain(options)
  const recipient = `0x${'cd'.repeat(32)}`
  await chain.faucet(recipient, { sui: 1n })
  await chain.close()
  appendFileSync(log(directory), Buffer.alloc(500, 0xee))
  const second = await openChain(options)
  await second.faucet(recipient, { sui: 2n })
  await second.close()
  const bytes = readFileSync(log(directory))
  bytes[bytes.length - 20]! ^= 4
  writeFileSync(log(directory), bytes)
  const third = await openChain(options)
  t.teardown(() => third.close())
  const { balance } = await new Account(third).client.getBalance({ owner: recipient })
  t.equal(balance.balance, '1')
})

const address = parseObjectId('0x77')

function commitOf(checkpoint: number, payload: number): Commit {
  const object: MoveObject = {
    kind: 'object',
    id: parseObjectId((checkpoint % 10).toString(16)),
    version: BigInt(checkpoint),
    digest: '11111111111111111111111111111111',
    owner: { kind: 'address', address },
    previousTransaction: '11111111111111111111111111111111',
    storageRebate: 0n,
    type: '0x2::a::B',
    contents: Buffer.alloc(payload, checkpoint),
  }
  return {
    checkpoint: BigInt(checkpoint),
    timestampMs: BigInt(checkpoint),
    digest: `digest ${checkpoint}`,
    facts: {
      sender: address,
      version: checkpoint,
      objects: [object.id],
      addresses: [],
      calls: [],
      events: [],
      publishes: false,
    },
    executed: Buffer.from(`answer ${checkpoint}`),
    written: [object],
    removed: [],
  }
}

async function open(t: Test, directory: string) {
  const ledger = await Ledger.open({
    directory,
    log: silentLog,
    segmentBytes: 20_000,
    historyBytes: 60_000,
  })
  t.teardown(() => ledger.close())
  return ledger
}

/** Snapshots are written behind: waits for one of this checkpoint or a later one. */
async function snapshotFrom(directory: string, checkpoint: number): Promise<void> {
  const isThere = () =>
    readdirSync(directory).some((name) => Number(/^snapshot-(\d+)$/.exec(name)?.[1]) >= checkpoint)
  for (let left = 1000; !isThere(); left--) {
    if (left === 0) throw new Error(`no snapshot from ${checkpoint} on`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('the log grows in segments with snapshots, and old history goes', async (t) => {
  const directory = join(temporaryDirectory(t), 'ledger')
  const ledger = await open(t, directory)
  for (let i = 1; i <= 400; i++) {
    ledger.commit(commitOf(i, 1000))
    if (i % 20 !== 0) continue
    await ledger.settled()
    await snapshotFrom(directory, Math.max(1, i - 25))
  }
  await ledger.close()
  const names = readdirSync(directory)
  const bytes = names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  t.ok(bytes < 200_000, `${bytes} bytes of 440,000 are left`)
  t.equal(names.filter((name) => name.startsWith('snapshot-')).length, 1)
  const again = await open(t, directory)
  t.equal(again.transactions.last, 400n)
  t.ok(again.transactions.first > 200n)
  for (let i = 391; i <= 400; i++) {
    const found = again.objects.get(parseObjectId((i % 10).toString(16)))
    t.equal(found?.version, BigInt(i))
  }
  t.equal(again.objects.size, 10)
  const indexed = again.transactions.at(400n)!
  t.equal(Buffer.from(again.executed(indexed)).toString(), 'answer 400')
  const first = again.transactions.at(again.transactions.first)!
  t.equal(Buffer.from(again.executed(first)).toString(), `answer ${again.transactions.first}`)
  t.equal(again.version(parseObjectId('5'), 385n)?.version, 385n)
  t.equal(again.version(parseObjectId('5'), 5n), undefined)
})

test('a damaged snapshot is passed over as long as the log reaches back', async (t) => {
  const directory = join(temporaryDirectory(t), 'ledger')
  const ledger = await Ledger.open({ directory, log: silentLog, segmentBytes: 20_000 })
  for (let i = 1; i <= 50; i++) ledger.commit(commitOf(i, 1000))
  await ledger.settled()
  await snapshotFrom(directory, 1)
  await ledger.close()
  const snapshot = readdirSync(directory).find((name) => name.startsWith('snapshot-'))!
  const path = join(directory, snapshot)
  for (const size of [0, 7, 500, statSync(path).size - 1]) {
    const copy = join(temporaryDirectory(t), 'ledger')
    mkdirSync(copy)
    for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(copy, name))
    truncateSync(join(copy, snapshot), size)
    const again = await Ledger.open({ directory: copy, log: silentLog })
    t.equal(again.objects.get(parseObjectId('0'))?.version, 50n, `snapshot of ${size} bytes`)
    await again.close()
  }
})

test('damage in the middle of the log is not passed over', async (t) => {
  const directory = join(temporaryDirectory(t), 'ledger')
  const ledger = await Ledger.open({ directory, log: silentLog, segmentBytes: 20_000 })
  for (let i = 1; i <= 50; i++) ledger.commit(commitOf(i, 1000))
  await ledger.close()
  const names = readdirSync(directory)
    .filter((name) => name.startsWith('log-'))
    .sort()
  const last = readdirSync(directory).filter((name) => name.startsWith('snapshot-'))
  for (const name of last) truncateSync(join(directory, name), 0)
  truncateSync(join(directory, names[1]!), 12_345)
  await t.rejects(Ledger.open({ directory, log: silentLog }), { message: /damaged in its middle/ })
  writeFileSync(join(directory, names[0]!), 'something else entirely')
  await t.rejects(Ledger.open({ directory, log: silentLog }), {
    message: /not a log of this version/,
  })
})

test('a record that cannot be written fails and leaves nothing behind', async (t) => {
  const directory = join(temporaryDirectory(t), 'ledger')
  const ledger = await open(t, directory)
  ledger.commit(commitOf(1, 100))
  const huge = { ...commitOf(2, 100), executed: Buffer.alloc(65 * 1024 * 1024) }
  t.throws(() => ledger.commit(huge), { message: /too large/ })
  t.equal(ledger.transactions.last, 1n)
  ledger.commit(commitOf(2, 100))
  await ledger.settled()
  t.equal(ledger.transactions.last, 2n)
})
