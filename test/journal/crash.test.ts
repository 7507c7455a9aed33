import fc from 'fast-check'
import { test } from 'tap'
import { chances } from '../runtime/chances.ts'
import { type Crash, CrashModel, type Step } from './crash-model.ts'

const round: Step[] = [
  ...(['append', 'append', 'turn', 'append', 'sync', 'append', 'turn', 'append'] as const),
  ...([
    'append big',
    'rotate',
    'append',
    'sync without waiting',
    'append',
    'rotate',
    'turn',
  ] as const),
  ...([
    'append',
    'sync',
    'append',
    'drop',
    'append',
    'append big',
    'sync',
    'append',
    'turn',
  ] as const),
]

const script = [...round, ...round]

const outcomes: [string, Crash['kind'], () => number][] = [
  ['the program is killed', 'kill', () => 0],
  ['the power goes and nothing unsynced is kept', 'power loss', () => 0.999],
  ['the power goes and everything is kept but names', 'power loss', () => 0],
  ['the power goes and lengths are kept without bytes', 'power loss', () => 0.7],
]

for (const [name, kind, chance] of outcomes) {
  test(`whatever operation it comes at: ${name}`, async (t) => {
    let states = 0
    for (let at = 0; ; at++) {
      const model = new CrashModel()
      const first = await model.run(script, { kind, at, chance })
      const reached = model.operations < at
      const second = await model.run(script, { kind, at: (7 * at) % 50, chance })
      const wrong = first ?? second ?? (await model.end())
      if (wrong) t.fail(`operation ${at}: ${wrong}`)
      states++
      if (reached) break
    }
    t.ok(states > 60, `${states} states`)
  })
}

test('any steps, any crashes, any part of what was not synced', async (t) => {
  const steps = fc.array(
    fc.constantFrom<Step>(
      ...(['append', 'append', 'append', 'append big', 'sync', 'sync without waiting'] as const),
      ...(['rotate', 'drop', 'turn', 'turn'] as const),
    ),
    { maxLength: 25 },
  )
  const life = fc.record({
    steps,
    kind: fc.constantFrom('kill', 'power loss' as const),
    at: fc.nat(120),
    seed: fc.integer(),
  })
  const property = fc.asyncProperty(
    fc.array(life, { minLength: 1, maxLength: 5 }),
    async (lives) => {
      const model = new CrashModel()
      for (const { steps, kind, at, seed } of lives) {
        const wrong = await model.run(steps, { kind, at, chance: chances(seed) })
        if (wrong) throw new Error(wrong)
      }
      const wrong = await model.end()
      if (wrong) throw new Error(wrong)
    },
  )
  await t.resolves(fc.assert(property, { numRuns: 200 }))
})
