import { test, type Test } from 'tap'
import { LeaseKeeper, type KeptLease } from '../../src/manifest/lease-keeper.ts'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { MemoryDrive } from '../../src/manifest/memory-drive.ts'
import { MemoryManifest } from '../../src/manifest/memory-manifest.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { ScriptedClock, turns } from '../content/scratch-drive.ts'

const { signal } = new AbortController()
const minute = 60_000

/** What a state directory keeps. */
class Kept implements KeptLease {
  atMostMs: number | undefined
  keep(atMostMs: number | undefined): void {
    this.atMostMs = atMostMs
  }
}

/** A drive, the time, and machines that write it. */
class Scene {
  readonly clock = new ScriptedClock()
  readonly #network = new MemoryNetwork()
  readonly #drive = new MemoryDrive(this.#network)
  readonly #test: Test

  constructor(test: Test) {
    this.#test = test
  }

  grant(): ObjectId {
    return this.#drive.grant()
  }

  get lease() {
    return this.#drive.state.lease
  }

  /** Told of what the manifest shows, as by its watch. */
  machine(
    durationMs: number | undefined,
    { writer = this.grant(), kept = new Kept(), wrap = (manifest: Manifest) => manifest } = {},
  ) {
    const account = this.#network.openAccount()
    const { clock } = this
    const manifest = wrap(new MemoryManifest({ drive: this.#drive, account, writer, clock }))
    const told = { free: 0 }
    const onFree = () => void told.free++
    const keeper = new LeaseKeeper({ manifest, kept, durationMs, clock, log: silentLog, onFree })
    this.#test.teardown(() => keeper.stop())
    const look = async () => keeper.saw((await manifest.load(signal)).lease)
    return { keeper, kept, writer, told, look }
  }
}

test('whoever wants the drive alone prolongs the lease until the end', async (t) => {
  const scene = new Scene(t)
  const { keeper, writer } = scene.machine(10 * minute)
  await keeper.open(signal)
  const first = scene.clock.now() + 10 * minute
  t.same(scene.lease, { writer, untilMs: first })
  t.match(keeper.view, { untilMs: first, other: undefined, why: undefined })
  keeper.start()
  await turns(3)
  await scene.clock.pass(4 * minute)
  t.equal(scene.lease?.untilMs, first, 'not before half of it is over')
  await scene.clock.pass(minute)
  t.equal(scene.lease?.untilMs, first + 5 * minute)
  t.equal(keeper.view.untilMs, first + 5 * minute)
  await keeper.stop()
  t.equal(scene.lease, undefined, 'given back')
})

test('others wait, and go on when it ends', async (t) => {
  const scene = new Scene(t)
  const [one, two] = [scene.machine(10 * minute), scene.machine(undefined)]
  await one.keeper.open(signal)
  await two.keeper.open(signal)
  t.match(two.keeper.other, { writer: one.writer })
  t.throws(() => two.keeper.check(), { code: 'leased', message: /another writer/ })
  await t.rejects(scene.machine(minute).keeper.open(signal), { code: 'leased' })
  t.doesNotThrow(() => one.keeper.check())

  await t.test('given back', async (t) => {
    two.keeper.start()
    await one.keeper.stop()
    await two.look()
    await turns(3)
    t.doesNotThrow(() => two.keeper.check())
    t.equal(two.told.free, 1)
  })

  await t.test('run out', async (t) => {
    const dead = scene.machine(minute)
    await dead.keeper.open(signal)
    await two.look()
    t.throws(() => two.keeper.check(), { code: 'leased' })
    await turns(3)
    await scene.clock.pass(minute + 1)
    t.doesNotThrow(() => two.keeper.check())
    t.equal(two.told.free, 2, 'told without a look at the chain')
  })
})

test('who died with the lease has it again', async (t) => {
  const scene = new Scene(t)
  const died = scene.machine(10 * minute)
  await died.keeper.open(signal)
  const { writer, kept } = died

  await t.test('and a mount that does not want it gives it back', async (t) => {
    const again = scene.machine(undefined, { writer, kept })
    await again.keeper.open(signal)
    t.equal(scene.lease, undefined)
    t.equal(kept.atMostMs, undefined)
  })

  await t.test('even if it never heard that it got it', async (t) => {
    const deaf = (manifest: Manifest): Manifest => ({
      ...manifest,
      writer,
      load: (signal) => manifest.load(signal),
      lease: async (ms, signal) => {
        await manifest.lease(ms, signal)
        throw new StoreError('unreachable', 'no answer')
      },
    })
    const lost = scene.machine(10 * minute, { writer, kept, wrap: deaf })
    await t.rejects(lost.keeper.open(signal), { code: 'unreachable' })
    t.ok(scene.lease)
    const again = scene.machine(10 * minute, { writer, kept })
    await again.keeper.open(signal)
    t.equal(again.keeper.view.untilMs, scene.lease?.untilMs)
  })
})

test('another machine with the same key is another', async (t) => {
  const scene = new Scene(t)
  const one = scene.machine(10 * minute)
  await one.keeper.open(signal)
  const { writer } = one
  await t.rejects(scene.machine(10 * minute, { writer }).keeper.open(signal), { code: 'leased' })
  const modest = scene.machine(undefined, { writer })
  await modest.keeper.open(signal)
  t.throws(() => modest.keeper.check(), { code: 'leased' })

  await t.test('who slept too long has lost it', async (t) => {
    await scene.clock.pass(11 * minute)
    t.equal(one.keeper.view.untilMs, undefined)
    const two = scene.machine(10 * minute, { writer })
    await two.keeper.open(signal)
    await one.look()
    t.throws(() => one.keeper.check(), { code: 'leased' })
    t.doesNotThrow(() => two.keeper.check())
    await one.keeper.stop()
    t.ok(scene.lease, 'not its to end')
  })
})

test('a lease that cannot be prolonged is a reason for status, and tried again', async (t) => {
  const scene = new Scene(t)
  const state = { cut: false }
  const cuttable = (manifest: Manifest): Manifest => ({
    ...manifest,
    writer: manifest.writer,
    load: (signal) => manifest.load(signal),
    release: (signal) => manifest.release(signal),
    lease: async (ms, signal) => {
      if (state.cut) throw new StoreError('unreachable', 'the line is cut')
      return manifest.lease(ms, signal)
    },
  })
  const { keeper } = scene.machine(minute, { wrap: cuttable })
  await keeper.open(signal)
  keeper.start()
  await turns(3)
  state.cut = true
  await scene.clock.pass(minute / 2)
  t.ok(keeper.view.untilMs, 'it runs still')
  await scene.clock.pass(minute)
  t.match(keeper.view, { untilMs: undefined, why: 'the line is cut' })
  t.doesNotThrow(() => keeper.check(), 'nobody else has it')
  state.cut = false
  await scene.clock.pass(5000)
  t.equal(keeper.view.untilMs, scene.clock.now() + minute)
  t.equal(keeper.view.why, undefined)
})

test('nobody waits for longer than a lease may run, whatever is shown', async (t) => {
  const scene = new Scene(t)
  const { keeper, writer } = scene.machine(undefined)
  await keeper.open(signal)
  keeper.saw({ writer: scene.grant(), untilMs: 2 ** 60 })
  t.throws(() => keeper.check(), { code: 'leased' })
  t.ok(keeper.other!.untilMs <= scene.clock.now() + 61 * minute)
  await scene.clock.pass(61 * minute + 1)
  t.doesNotThrow(() => keeper.check())
  keeper.saw({ writer, untilMs: 5 })
  t.equal(keeper.other, undefined)
})
