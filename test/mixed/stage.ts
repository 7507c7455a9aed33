import { join } from 'node:path'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { toleratedFaults } from '../../src/redstuff/parameters.ts'
import type { Ending, Machine } from '../e2e/machine.ts'
import { Calm } from './calm.ts'
import { Excuses } from './excuses.ts'
import { LoadProcess } from './load-process.ts'
import type { SideName, TroubleReport } from './load-messages.ts'
import type { MixedPlan } from './mixed-plan.ts'
import { Readings } from './record.ts'
import type { Scene } from './trouble-lane.ts'
import { WatchedSide } from './watched-side.ts'

/** Storage that is renewed as epochs end, and commits that come soon. */
const writerFlags = ['--writeback-delay', '4s', '--renew-check', '15s', '--renew-margin', '3']

/** What only more broken nodes than are borne may lead to. */
const networkCodes = ['EIO', 'ETIMEDOUT']

/** Both machines, the load on them, and what is known of how it goes. */
export class Stage {
  readonly plan: MixedPlan
  readonly origin: Machine
  readonly writer: WatchedSide
  readonly follower: WatchedSide
  readonly load: LoadProcess
  readonly scene: Scene
  readonly readings: Readings
  readonly failures: string[] = []
  readonly beganMs = Date.now()
  /** Acts that failed because more was broken than is borne. */
  refusals = 0
  readonly #over: AbortController

  private constructor(
    plan: MixedPlan,
    origin: Machine,
    sides: readonly [WatchedSide, WatchedSide],
    scene: Scene,
    over: AbortController,
    ends: Ending,
  ) {
    this.plan = plan
    this.origin = origin
    this.readings = new Readings(plan.out)
    this.#over = over
    ;[this.writer, this.follower] = sides
    this.scene = scene
    const where = { writer: this.writer.mount, follower: this.follower.mount }
    this.load = LoadProcess.start(
      { seed: plan.seed, ...where, ...plan.load },
      (trouble) => this.#isExcused(trouble),
      (what) => this.failed(what),
      ends,
    )
  }

  static async open(origin: Machine, plan: MixedPlan, ends: Ending): Promise<Stage> {
    const { flags } = plan
    const writer = await WatchedSide.of('writer', origin, ends, [...flags, ...writerFlags])
    const follower = await WatchedSide.of('follower', origin, ends, [...flags, '--read-only'])
    const devnet = DevnetClient.open(join(origin.home, 'devnet'))
    const over = new AbortController()
    const nodes = (await devnet.status(over.signal)).nodes.length
    const lines = [writer.side.line, follower.side.line]
    const scene: Scene = {
      what: { devnet, lines, nodes, borne: toleratedFaults(nodes) },
      calm: new Calm(),
      excuses: new Excuses(),
      counts: new Map(),
      over: over.signal,
      say: plan.say,
    }
    return new Stage(plan, origin, [writer, follower], scene, over, ends)
  }

  get sides(): readonly WatchedSide[] {
    return [this.writer, this.follower]
  }

  /** Nothing is begun any more. */
  end(): void {
    this.#over.abort()
  }

  count(kind: string): void {
    const { counts } = this.scene
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }

  failed(what: string): void {
    const minutes = ((Date.now() - this.beganMs) / 60_000).toFixed(1)
    const text = `after ${minutes} minutes, seed ${this.plan.seed}: ${what}`
    this.plan.say(`WRONG ${text}`)
    this.failures.push(text)
  }

  async #isExcused({ side, what, code, beganMs }: TroubleReport): Promise<boolean> {
    const { excuses } = this.scene
    const isOfNetwork = networkCodes.includes(code)
    if (isOfNetwork && excuses.isNow('storm', side)) await this.#checkReason(side, what)
    const excuse = await excuses.reasonFor(side, beganMs)
    this.plan.say(`${what}: ${code}${excuse ? ` (${excuse})` : ''}`)
    if (excuse === 'storm') this.refusals++
    return excuse === 'kill' || (excuse === 'storm' && isOfNetwork)
  }

  /** What is refused has its reason in status. */
  async #checkReason(name: SideName, what: string): Promise<void> {
    const side = this.sides.find((one) => one.name === name)!
    const askedMs = Date.now()
    try {
      const { health, problems } = await side.status()
      if (health === 'ok' || problems.length === 0)
        this.failed(`${what} was refused, and status says ${health} (${problems.join('; ')})`)
    } catch (error) {
      if ((await this.scene.excuses.reasonFor(name, askedMs, ['kill'])) === undefined)
        this.failed(`${what} was refused, and status does not answer: ${String(error)}`)
    }
  }
}
