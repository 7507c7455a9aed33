import fc from 'fast-check'
import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { propertyRuns } from '../tree/property-runs.ts'
import { contents, noise, patch, remove, write } from './files.ts'
import { Desk, type Sitting } from './desk.ts'

class Crash extends Error {
  override readonly name = 'Crash'
}

const anyAct = fc.record({
  writer: fc.nat(1),
  kind: fc.constantFrom('write', 'write', 'patch', 'large', 'remove', 'store', 'store', 'crash'),
  file: fc.nat(3),
  step: fc.constantFrom('append', 'append', 'commit', 'upload', 'register'),
  when: fc.constantFrom('before' as const, 'after' as const),
})

/** One of two machines, each with files of its own, which is killed now and then. */
class Machine {
  readonly files = new Map<string, Buffer>()
  readonly #desk: Desk
  readonly #name: string
  readonly #sit: () => Promise<Sitting>
  sitting!: Sitting
  #count = 0

  constructor(desk: Desk, name: string, sit: () => Promise<Sitting>) {
    this.#desk = desk
    this.#name = name
    this.#sit = sit
  }

  async start(): Promise<void> {
    this.sitting = await this.#sit()
    if (this.sitting.moved) await this.#settle()
  }

  async act({ kind, file, step, when }: typeof anyAct extends fc.Arbitrary<infer A> ? A : never) {
    const name = `${this.#name}${file}`
    const bytes = noise(kind === 'large' ? 40_000 : 900, ++this.#count)
    const known = this.files.get(name)
    if (kind === 'write' || kind === 'large') {
      await write(this.sitting, name, bytes)
      this.files.set(name, bytes)
    } else if (kind === 'patch' && known) {
      await patch(this.sitting, name, 10, bytes.subarray(0, 50))
      bytes.copy(known, 10, 0, 50)
    } else if (kind === 'remove' && known) {
      const { worktree } = this.sitting
      await worktree.lookup(worktree.root, nameFromText(name))
      remove(this.sitting, name)
      this.files.delete(name)
    } else if (kind === 'store') {
      await this.#settle()
    } else if (kind === 'crash') {
      await this.#crash(step, when)
    }
  }

  /** Killed in the middle of a store, if there is anything to store. */
  async #crash(step: string, when: 'before' | 'after'): Promise<void> {
    await this.sitting.log.sync()
    this.#desk.script.add({ step, when, error: () => new Crash('killed') })
    try {
      await this.#settle()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
    this.#desk.script.clear()
    await this.sitting.vanish()
    await this.start()
  }

  async #settle(): Promise<void> {
    if (this.sitting.moved && !this.sitting.pending) await this.sitting.takeOver()
    while (this.sitting.worktree.dirty) await this.sitting.store()
  }

  async end(): Promise<void> {
    await this.#settle()
    await this.sitting.takeOver()
  }
}

test('two machines that are killed while they store small and large changes lose nothing', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAct, { minLength: 5, maxLength: 40, size: 'max' }),
      async (acts) => {
        const desk = new Desk(t)
        const home = desk.another()
        const machines = [
          new Machine(desk, 'a', () => desk.sit()),
          new Machine(desk, 'b', () => desk.sitAt(home)),
        ]
        for (const machine of machines) await machine.start()
        for (const act of acts) await machines[act.writer]!.act(act)
        for (const machine of machines) await machine.end()
        await machines[0]!.sitting.takeOver()
        const wanted = new Map(machines.flatMap(({ files }) => [...files]))
        for (const { sitting } of [...machines, { sitting: await desk.elsewhere() }]) {
          const found = await contents(sitting)
          const names = [...found.keys()].sort().join()
          if (names !== [...wanted.keys()].sort().join()) throw new Error(`there are ${names}`)
          for (const [name, bytes] of wanted) {
            if (!found.get(name)!.equals(bytes)) throw new Error(`${name} has other bytes`)
          }
        }
      },
    ),
    { ...propertyRuns(10), endOnFailure: true },
  )
  t.pass('for all acts tried')
})
