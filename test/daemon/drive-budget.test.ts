import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { DriveBudget } from '../../src/daemon/drive-budget.ts'
import { MonthSpending } from '../../src/renewal/month-spending.ts'
import { silentLog } from '../../src/runtime/log.ts'
import type { EncodedBlob } from '../../src/store/blob-store.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { FaultScript, withFaults } from '../../src/store/faults.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

const never = new AbortController().signal
const epochs = 10

/** A drive's budget on an in-memory network, with a state directory that outlives what works with it. */
class Till {
  readonly network = new MemoryNetwork()
  readonly account = this.network.openAccount()
  readonly script = new FaultScript()
  readonly worktree = { dirty: true, sliceBytes: 1000 }
  nowMs = Date.UTC(2026, 10, 15)
  readonly #store = withFaults(new MemoryStore(this.network, this.account), this.script)
  readonly #directory: string
  #made = 0

  constructor(t: Test) {
    this.#directory = t.testdir()
  }

  open(limit: bigint | undefined) {
    const now = () => this.nowMs
    const spending = new MonthSpending(join(this.#directory, 'spending.json'), now)
    const { worktree } = this
    const store = this.#store
    const budget = new DriveBudget({ store, spending, limit, worktree, now, log: silentLog })
    return { budget, spending, store: budget.counted(store) }
  }

  async pack(bytes = 1000): Promise<EncodedBlob> {
    const path = join(this.#directory, `pack${++this.#made}`)
    writeFileSync(path, Buffer.alloc(bytes, this.#made))
    return this.#store.encode({ path, bytes }, never)
  }

  async paid(): Promise<bigint> {
    const { wal } = await this.#store.balances(never)
    return 1_000_000_000_000n - wal
  }
}

test('what is spent is what was paid, also when a purchase is cut off', async (t) => {
  const till = new Till(t)
  const { store, budget } = till.open(undefined)
  const [one, two] = [await till.pack(), await till.pack(5_000_000)]
  await store.register([one, two], epochs, never)
  t.equal(budget.view().spent, String(await till.paid()))
  await store.register([one], epochs, never)
  t.equal(budget.view().spent, String(await till.paid()), 'what is owned is not paid again')

  // Killed when the chain had taken it and nobody knew.
  const three = await till.pack()
  const lost = new StoreError('lost-answer', 'lost')
  till.script.add({ step: 'register', when: 'after', error: () => lost })
  await t.rejects(store.register([three], epochs, never), lost)
  t.equal(till.open(undefined).budget.view().spent, String(await till.paid()), 'already counted')
  const after = till.open(undefined)
  await after.store.register([three], epochs, never)
  t.equal(after.budget.view().spent, String(await till.paid()), 'and once')

  // Killed before it got there.
  const four = await till.pack()
  till.script.add({ step: 'register', error: () => lost })
  await t.rejects(after.store.register([four], epochs, never), lost)
  t.ok(BigInt(after.budget.view().spent) > (await till.paid()), 'nobody knows yet')
  await after.store.register([four], epochs, never)
  t.equal(after.budget.view().spent, String(await till.paid()))
})

test('what there was no money for does not count', async (t) => {
  const till = new Till(t)
  const { store, budget } = till.open(undefined)
  const one = await till.pack()
  till.network.setBalances(till.account, { sui: 0n })
  await t.rejects(store.register([one], epochs, never), { code: 'no-gas' })
  t.equal(budget.view().spent, '0')
  till.network.setBalances(till.account, { sui: 1_000_000_000n })
  await store.register([one], epochs, never)
  t.equal(budget.view().spent, String(await till.paid()))
})

test('it admits up to the limit, then nothing but what is paid for or let through, till the month is over', async (t) => {
  const till = new Till(t)
  const first = await till.pack()
  const { store, budget } = till.open(undefined)
  await budget.admit([first], epochs, never)
  await store.register([first], epochs, never)
  const cost = await till.paid()

  const exact = till.open(2n * cost)
  const second = await till.pack()
  await exact.budget.admit([second], epochs, never)
  await exact.store.register([second], epochs, never)
  await exact.budget.admit([second], epochs, never)
  const third = await till.pack()
  await t.rejects(exact.budget.admit([third], epochs, never), { code: 'over-budget' })
  const { held } = exact.budget.view()
  t.same(held, { sinceMs: till.nowMs, cost: String(cost) })
  t.throws(() => exact.budget.check(), { code: 'over-budget' })
  t.throws(() => till.open(2n * cost).budget.check(), { code: 'over-budget' }, 'through a restart')
  t.doesNotThrow(() => till.open(3n * cost).budget.check(), 'a larger budget')
  t.doesNotThrow(() => till.open(undefined).budget.check(), 'none')

  till.worktree.sliceBytes = 10
  t.doesNotThrow(() => exact.budget.check(), 'less is to be stored: it is asked what that costs')
  till.worktree.sliceBytes = 1000
  till.nowMs += 2 * 3_600_000
  t.doesNotThrow(() => exact.budget.check(), 'prices may have changed')
  await t.rejects(exact.budget.admit([third], epochs, never), { code: 'over-budget' })
  t.equal(exact.budget.view().held!.sinceMs, held!.sinceMs)

  const end = exact.budget.allow()
  t.doesNotThrow(() => exact.budget.check())
  await exact.budget.admit([third], epochs, never)
  await exact.store.register([third], epochs, never)
  end()
  end()
  t.match(exact.budget.view(), { held: undefined, spent: String(3n * cost), near: true })
  const fourth = await till.pack()
  await t.rejects(exact.budget.admit([fourth], epochs, never), { code: 'over-budget' })
  till.nowMs = Date.UTC(2026, 11, 1)
  t.doesNotThrow(() => exact.budget.check())
  await exact.budget.admit([fourth], epochs, never)
  t.match(exact.budget.view(), { month: '2026-12', spent: '0', held: undefined, near: false })
})

test('renewals count and are not asked; a budget of 0 lets nothing through', async (t) => {
  const till = new Till(t)
  const none = till.open(0n)
  await t.rejects(none.budget.admit([await till.pack()], epochs, never), { code: 'over-budget' })
  t.equal(none.budget.view().near, true)
  const some = till.open(10_000_000n)
  some.spending.renewed(8_000_000n)
  till.worktree.dirty = false
  const view = some.budget.view()
  t.match(view, { held: undefined, renewed: '8000000', near: true })
  t.match(some.budget.problem(view), /0.008 WAL of the 0.01 WAL that 2026-11 may cost are spent/)
})

test('when prices change, what waits is asked again, and what is counted is what is paid', async (t) => {
  const till = new Till(t)
  const one = await till.pack(3_000_000)
  const [quote] = await till.open(undefined).store.quote([one], epochs, never)
  const { budget, store } = till.open(quote! / 2n)
  await t.rejects(budget.admit([one], epochs, never), { code: 'over-budget' })
  t.throws(() => budget.check(), { code: 'over-budget' })
  Object.assign(till.network, { storagePrice: 1n, writePrice: 1n })
  till.nowMs += 3_700_000
  t.doesNotThrow(() => budget.check())
  await budget.admit([one], epochs, never)
  await store.register([one], epochs, never)
  t.ok((await till.paid()) > 0n)
  t.match(budget.view(), { spent: String(await till.paid()), held: undefined })
})
