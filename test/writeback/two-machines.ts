import fc from 'fast-check'
import { collect } from './collection.ts'
import { never, type Desk, type Sitting } from './desk.ts'
import { noise } from './files.ts'
import { PathModel } from './path-model.ts'

class Lost extends Error {
  override readonly name = 'Lost'
}

/** One random step of one of two machines; its numbers choose among what is there. */
export interface Step {
  readonly machine: 0 | 1
  readonly kind: keyof typeof acts
  readonly a: number
  readonly b: number
}

interface Machine {
  readonly desk: Desk
  readonly home: string
  readonly model: PathModel
  at: Sitting
}

type Act = (machine: Machine, a: number, b: number, machines: readonly Machine[]) => Promise<void>

/** What it was planned on stays: who collects and gets no answer stands on that. */
const lastKept = { forMs: 0, count: 2 }
const everythingKept = { forMs: Infinity, count: Infinity }
const smallBytes = 400
/** Too long for a record. */
const largeBytes = 40_000

const create =
  (bytes: number): Act =>
  async ({ at, model }, a, b) => {
    const path = `${chosen(model.directories, a)}/${b % 7}`
    if (model.entries.get(path) === 'directory') return
    await model.write(at, path, noise(1 + ((a * 37 + b) % bytes), a * 1000 + b))
  }

const act = {
  makeDirectory: async ({ at, model }, a, b) => {
    const path = `${chosen(model.directories, a)}/${b % 7}`
    if (!model.has(path)) await model.makeDirectory(at, path)
  },
  small: create(smallBytes),
  large: create(largeBytes),
  patch: async ({ at, model }, a, b) => {
    const path = chosen(model.files, a)
    if (path !== undefined) await model.patch(at, path, b * 3, noise(50, a + b))
  },
  remove: async ({ at, model }, a) => {
    const empty = model.directories.filter((path) => path !== model.top && model.isEmpty(path))
    const path = chosen([...model.files, ...empty], a)
    if (path !== undefined) await model.remove(at, path)
  },
  move: async ({ at, model }, a, b) => {
    const from = chosen([...model.entries.keys()], a)
    const to = `${chosen(model.directories, b)}/${(a + b) % 7}`
    if (from === undefined || model.has(to) || `${to}/`.startsWith(`${from}/`)) return
    await model.move(at, from, to)
  },
} satisfies Record<string, Act>

const acts = {
  ...act,
  store: async ({ at }) => {
    if (at.worktree.dirty || at.pending) await at.store()
  },
  takeOver: async ({ at }) => {
    if (!at.pending) await at.takeOver()
  },
  collect: async (machine, a, b, machines) => {
    const { desk } = machine
    const others = machines.filter((other) => other !== machine)
    // What others stand on is deleted where they have no changes, and begin anew then.
    const all = b % 2 === 1
    if (all) for (const other of others) await settle(other)
    await settle(machine)
    if (all) for (const other of others) await other.at.takeOver()
    const { at } = machine
    // Small changes of the manifest are folded into a commit before.
    if ((await desk.manifest.load(never)).inline.length > 0) await at.store('commit')
    const wish = all ? { keep: lastKept } : { keep: everythingKept, repackBelow: 0.9 }
    if (a % 2) await withoutAnswer(desk, 'commit', () => collect(desk, at, wish))
    else await collect(desk, at, wish)
    await at.takeOver()
    if (all) for (const other of others) await restart(other)
  },
  loseRecord: ({ desk, at }) => withoutAnswer(desk, 'append', () => at.store()),
  loseCommit: ({ desk, at }) => withoutAnswer(desk, 'commit', () => at.store('commit')),
  kill: restart,
} satisfies Record<string, Act>

const kinds = fc.constantFrom<Step['kind'][]>(
  ...(Object.keys(acts) as Step['kind'][]),
  'small',
  'move',
  'move',
  'remove',
  'remove',
  'store',
)

export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    machine: fc.constantFrom(0, 1),
    kind: kinds,
    a: fc.nat(1000),
    b: fc.nat(1000),
  }),
  { minLength: 10, maxLength: 80, size: 'max' },
)

/** Two machines with one drive, each with a directory of its own; what they made of it in the end. */
export async function play(desk: Desk, steps: readonly Step[]): Promise<readonly Machine[]> {
  const machines: Machine[] = []
  for (const top of ['one', 'two']) {
    const home = desk.another()
    const machine = { desk, home, model: new PathModel(top), at: await desk.sitAt(home) }
    await machine.at.takeOver()
    await machine.model.makeDirectory(machine.at, top)
    await machine.at.commit()
    machines.push(machine)
  }
  for (const { machine, kind, a, b } of steps)
    await (acts[kind] as Act)(machines[machine]!, a, b, machines)
  for (const machine of machines) await settle(machine)
  for (const { at } of machines) await at.takeOver()
  return machines
}

/** Killed, and started again. */
async function restart(machine: Machine): Promise<void> {
  const { desk, at, home } = machine
  await at.log.sync()
  await at.vanish()
  machine.at = await desk.sitAt(home)
  if (machine.at.moved) await machine.at.takeOver()
}

async function settle({ at }: Machine): Promise<void> {
  while (at.worktree.dirty || at.pending) await at.store()
  await at.takeOver()
}

/** It is carried out, but nobody says so. */
async function withoutAnswer(
  { script }: Desk,
  step: 'append' | 'commit',
  work: () => Promise<unknown>,
): Promise<void> {
  script.add({ step, when: 'after', error: () => new Lost('no answer') })
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Lost)) throw error
  } finally {
    script.clear()
  }
}

function chosen<T>(among: readonly T[], by: number): T | undefined {
  return among[by % among.length]
}
