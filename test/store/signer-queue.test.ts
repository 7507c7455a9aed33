import { RpcError } from './rpc-error.ts'
import type { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { Transaction } from '@mysten/sui/transactions'
import { TransactionDataBuilder } from '@mysten/sui/transactions'
import { test } from 'tap'
import type { Clock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { ChainError } from '../../src/store/chain/chain-error.ts'
import { SignerQueue } from '../../src/store/chain/signer-queue.ts'

const { signal } = new AbortController()

/** Time that passes only by sleeping. */
class SleepClock implements Clock {
  #now = 0
  now = (): number => this.#now
  sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    this.#now += ms
  }
}

type Answer = 'done' | 'lost' | 'lost-undone' | 'refused' | 'failed'

/** A full node that answers transactions as it is told, `done` when it is told nothing. */
class ScriptedNode {
  readonly executed = new Set<string>()
  readonly sent: string[] = []
  readonly answers: Answer[] = []
  /** Digests that a query finds. */
  visible = true

  readonly core = {
    executeTransaction: async ({ transaction }: { transaction: Uint8Array }) => {
      const digest = TransactionDataBuilder.getDigestFromBytes(transaction)
      this.sent.push(digest)
      const answer = this.answers.shift() ?? 'done'
      if (answer === 'refused') throw new RpcError('stale', 'INVALID_ARGUMENT')
      if (answer !== 'lost-undone') this.executed.add(digest)
      if (answer.startsWith('lost')) throw new RpcError('gone', 'UNAVAILABLE')
      return this.#result(digest, answer !== 'failed')
    },
    waitForTransaction: async ({ digest }: { digest: string }) => {
      if (!this.visible || !this.executed.has(digest)) throw new Error('not found')
      return this.#result(digest, true)
    },
    getBalance: async () => ({ balance: { balance: '5' } }),
  }

  #result(digest: string, success: boolean): unknown {
    const error = { $kind: 'Unknown', message: 'it failed', Unknown: null }
    const status = success ? { success, error: null } : { success, error }
    const effects = { changedObjects: [] }
    const transaction = { digest, status, effects, events: [], objectTypes: {} }
    return { $kind: 'Transaction', Transaction: transaction }
  }
}

let gasVersion = 0

/** Complete without a full node, and other bytes each time it is built. */
function compose(transaction: Transaction): void {
  const digest = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM'
  transaction.setGasPayment([{ objectId: '0x7', version: String(++gasVersion), digest }])
  transaction.setGasPrice(1000)
  transaction.setGasBudget(1_000_000)
}

function open(): { node: ScriptedNode; queue: SignerQueue } {
  const node = new ScriptedNode()
  const queue = new SignerQueue({
    client: node as unknown as SuiGrpcClient,
    signer: new Ed25519Keypair(),
    log: silentLog,
    clock: new SleepClock(),
  })
  return { node, queue }
}

test('one transaction at a time, in order', async (t) => {
  const { node, queue } = open()
  const order: string[] = []
  let running = 0
  const runs = ['a', 'b', 'c'].map((name) =>
    queue.run(async (transaction) => {
      running++
      order.push(name)
      t.equal(running, 1)
      await new Promise(setImmediate)
      compose(transaction)
      running--
    }, signal),
  )
  const digests = (await Promise.all(runs)).map(({ digest }) => digest)
  t.same(order, ['a', 'b', 'c'])
  t.same(node.sent, digests)
})

test('after a lost answer the very same bytes are sent again', async (t) => {
  const { node, queue } = open()
  node.answers.push('lost', 'lost-undone', 'done')
  const { digest } = await queue.run(compose, signal)
  t.same(node.sent, [digest, digest, digest])
})

test('a transaction that was carried out and is then refused counts as carried out', async (t) => {
  const { node, queue } = open()
  node.answers.push('lost', 'refused')
  const { digest } = await queue.run(compose, signal)
  t.same(node.sent, [digest, digest])
  t.same([...node.executed], [digest])
})

test('what is refused and not shown after a lost answer is not built anew: it may be done', async (t) => {
  const { node, queue } = open()
  node.visible = false
  node.answers.push('lost', ...Array<Answer>(7).fill('refused'))
  await t.rejects(queue.run(compose, signal), { code: 'lost-answer' })
  const first = node.sent[0]
  await t.rejects(queue.settle(signal), { code: 'unreachable' })
  t.equal(new Set(node.sent).size, 1, 'nothing else was sent')
  node.visible = true
  await queue.settle(signal)
  t.same([...node.executed], [first])
})

test('what is refused and not shown for long was never carried out', async (t) => {
  const { node, queue } = open()
  node.answers.push('lost-undone', ...Array<Answer>(30).fill('refused'))
  await t.rejects(queue.run(compose, signal), { code: 'lost-answer' })
  for (let settled = false; !settled;) {
    settled = await queue.settle(signal).then(
      () => true,
      () => false,
    )
  }
  t.equal(new Set(node.sent).size, 1)
  node.answers.length = 0
  const { digest } = await queue.run(compose, signal)
  t.same([...node.executed], [digest])
})

test('it is settled when the full node shows what was carried out last', async (t) => {
  const { node, queue } = open()
  node.visible = false
  await queue.run(compose, signal)
  await t.rejects(queue.settle(signal), { code: 'unreachable', message: /does not show/ })
  await t.rejects(queue.run(compose, signal), { code: 'unreachable', message: /does not show/ })
  t.equal(node.sent.length, 1)
  node.visible = true
  await queue.settle(signal)
  t.equal(node.sent.length, 1)
  await queue.run(compose, signal)
  t.equal(node.sent.length, 2)
})

test('a refusal of what was simulated is built anew', async (t) => {
  const { node, queue } = open()
  node.answers.push('refused', 'refused')
  const { digest } = await queue.run(compose, signal)
  t.equal(node.sent.length, 3)
  t.equal(new Set(node.sent).size, 3, 'other bytes each time')
  t.same([...node.executed], [digest])
  node.answers.push(...Array<Answer>(6).fill('refused'))
  await t.rejects(queue.run(compose, signal), { name: 'ChainError', code: 'rejected' })
})

test('a transaction that failed on chain is not tried again', async (t) => {
  const { node, queue } = open()
  node.answers.push('failed')
  await t.rejects(queue.run(compose, signal), { code: 'rejected', message: 'it failed' })
  t.equal(node.sent.length, 1)
})

test('what stays unanswered is settled before anything else is sent', async (t) => {
  const { node, queue } = open()
  node.answers.push(...Array<Answer>(60).fill('lost-undone'))
  await t.rejects(queue.run(compose, signal), { code: 'lost-answer' })
  const [first] = node.sent
  t.equal(new Set(node.sent).size, 1)

  const blocked = queue.run(compose, signal)
  await t.rejects(blocked, { code: 'unreachable' }, 'nothing new was sent')
  t.equal(new Set(node.sent).size, 1)

  node.answers.length = 0
  const { digest } = await queue.run(compose, signal)
  t.same([...node.executed], [first, digest], 'the old one first')
})

test('an aborted wait leaves the transaction to be settled by the next', async (t) => {
  const { node, queue } = open()
  const stop = new AbortController()
  const answer = Promise.withResolvers<never>()
  const { executeTransaction } = node.core
  node.core.executeTransaction = async (request) => {
    await executeTransaction(request).catch(() => {})
    stop.abort(new Error('enough'))
    return answer.promise
  }
  const aborted = queue.run(compose, stop.signal)
  stop.signal.addEventListener('abort', () => answer.reject(new RpcError('x', 'CANCELLED')))
  await t.rejects(aborted, { message: 'enough' })
  node.core.executeTransaction = executeTransaction
  const { digest } = await queue.run(compose, signal)
  t.equal(node.executed.size, 2)
  t.equal(node.sent.at(-1), digest)
  t.equal(node.sent.length, 3, 'once, once more to settle it, and the next')
})

test('errors of whoever composes pass unchanged, and the queue goes on', async (t) => {
  const { queue } = open()
  const own = new ChainError('not-owner', 'mine')
  const failing = queue.run(() => {
    throw own
  }, signal)
  t.equal(await failing.catch((error: unknown) => error), own)
  t.ok((await queue.run(compose, signal)).digest)
})
