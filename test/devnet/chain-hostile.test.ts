import { connect } from 'node:net'
import { t as root, test } from 'tap'
import { Account, fundedAccount, startChain } from './chain-start.ts'

const shared = startChain(root)
const methods = [
  'LedgerService/GetServiceInfo',
  'LedgerService/GetObject',
  'LedgerService/BatchGetObjects',
  'LedgerService/GetTransaction',
  'LedgerService/BatchGetTransactions',
  'LedgerService/GetCheckpoint',
  'LedgerService/GetEpoch',
  'LedgerService/ListTransactions',
  'LedgerService/ListEvents',
  'StateService/ListOwnedObjects',
  'StateService/GetBalance',
  'StateService/ListBalances',
  'StateService/ListDynamicFields',
  'StateService/GetCoinInfo',
  'MovePackageService/GetPackage',
  'MovePackageService/GetFunction',
  'TransactionExecutionService/SimulateTransaction',
  'TransactionExecutionService/ExecuteTransaction',
]

function frame(content: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(content.length, 1)
  return Buffer.concat([header, content])
}

async function call(url: string, method: string, body: Uint8Array): Promise<string> {
  const response = await fetch(`${url}/sui.rpc.v2.${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/grpc-web+proto' },
    body: Buffer.from(body),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return /grpc-status:(\d+)/.exec(bytes.toString('latin1'))?.[1] ?? 'none'
}

test('requests that are empty, cut off or garbage get a status, and the node lives', async (t) => {
  const chain = await shared
  const bodies = [
    Buffer.alloc(0),
    Buffer.from('hello'),
    Buffer.from([0, 0xff, 0xff, 0xff, 0xff]),
    frame(Buffer.alloc(0)),
    frame(Buffer.from([0xff, 0xff, 0xff])),
    frame(Buffer.alloc(1000, 0x0a)),
    frame(Buffer.from([0x0a, 0x05, 1, 2])),
    Buffer.concat([Buffer.of(0x80), frame(Buffer.from('x')).subarray(1)]),
  ]
  for (const method of methods)
    for (const [i, body] of bodies.entries()) {
      const status = await call(chain.url, method, body)
      t.match(status, /^\d+$/, `${method} ${i}: ${status}`)
    }
  t.equal(await call(chain.url, 'LedgerService/Nothing', frame(Buffer.alloc(0))), '12')
  await t.resolves(fundedAccount(chain))
})

test('requests that are too large are refused', async (t) => {
  const chain = await shared
  const body = frame(Buffer.alloc(5 * 1024 * 1024))
  t.equal(await call(chain.url, 'LedgerService/GetObject', body), '11')
})

test('callers that hang up, and other protocols, do no harm', async (t) => {
  const chain = await shared
  const port = Number(new URL(chain.url).port)
  for (const text of [
    'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    'nonsense\r\n\r\n',
    'POST /sui.rpc.v2.LedgerService/GetObject HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc',
    'POST /sui.rpc.v2.SubscriptionService/SubscribeTransactions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0',
  ])
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(text)
        setTimeout(() => socket.destroy(), 30)
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  await t.resolves(fundedAccount(chain))
  t.equal((await fetch(chain.url)).status, 404)
  t.equal((await fetch(chain.url, { method: 'OPTIONS' })).status, 204)
})

test('transactions with bytes changed anywhere are refused, not executed', async (t) => {
  const chain = await shared
  const alice = await fundedAccount(chain)
  const { Transaction } = await import('@mysten/sui/transactions')
  const tx = new Transaction()
  tx.setSender(alice.address)
  tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], alice.address)
  const bytes = await tx.build({ client: alice.client })
  const { signature } = await alice.keypair.signTransaction(bytes)
  let refused = 0
  for (let i = 0; i < bytes.length; i += 7) {
    const changed = Uint8Array.from(bytes)
    changed[i]! ^= 1 << (i % 8)
    const execution = alice.client.core.executeTransaction({
      transaction: changed,
      signatures: [signature],
    })
    await execution.then(
      () => t.fail(`byte ${i} does not matter`),
      () => refused++,
    )
  }
  t.ok(refused > 20)
  const { balance } = await alice.client.getBalance({ owner: alice.address })
  t.equal(balance.balance, String(10n ** 12n))
})

test('bad page tokens, cursors and types are told as such', async (t) => {
  const chain = await shared
  const { client } = new Account(chain)
  const pageToken = Buffer.from('what?')
  const state = client.stateService
  await t.rejects(async () => await state.listOwnedObjects({ owner: '0x1', pageToken }), {
    code: 'INVALID_ARGUMENT',
  })
  await t.rejects(async () => await state.listOwnedObjects({ owner: '0x1', objectType: '<' }), {
    code: 'INVALID_ARGUMENT',
  })
  await t.rejects(async () => await state.getBalance({ owner: 'x' }), { code: 'INVALID_ARGUMENT' })
  await t.rejects(
    async () => {
      const { responses } = client.ledgerService.listTransactions({ options: { after: pageToken } })
      for await (const frame of responses) void frame
    },
    { code: 'INVALID_ARGUMENT' },
  )
  await t.rejects(
    async () => {
      const filter = {
        terms: [{ literals: [{ negated: false, predicate: { oneofKind: undefined } }] }],
      }
      const { responses } = client.subscriptionService.subscribeTransactions({ filter } as never)
      for await (const frame of responses) void frame
    },
    { code: 'INVALID_ARGUMENT' },
  )
})
