import { test } from 'tap'
import { watchAllocations } from './allocations.ts'
import { keptInputs } from './corpus.ts'
import { mutantsOf } from './fuzzer.ts'
import { attempt, Finding } from './target.ts'
import type { FuzzTarget } from './target.ts'
import { fuzzTargets } from './targets/index.ts'

const allocations = watchAllocations()
const usualTries = 4000

for (const target of fuzzTargets) {
  test(`${target.name}: what was found before, and mutants of it, are taken or refused`, async (t) => {
    const seeds = target.seeds()
    const kept = keptInputs(target.name)
    let taken = 0
    for (const seed of seeds) {
      if ((await attempt(target, seed, allocations)) === 'taken') taken++
    }
    t.ok(taken > 0, `${taken} of ${seeds.length} inputs that programs write are taken`)
    t.ok(kept.size > 0, 'there is a corpus')
    for (const input of kept.values()) await attempt(target, input, allocations)
    const mutants = mutantsOf(target, [...seeds, ...kept.values()], 20_260_101)
    for (let left = target.tries ?? usualTries; left > 0; left--) {
      await attempt(target, mutants.next().value, allocations)
    }
  })
}

const planted = (decode: FuzzTarget['decode']): FuzzTarget => ({
  name: 'planted',
  seeds: () => [],
  refusals: [SyntaxError],
  decode,
})

test('what a decoder must not do is found', async (t) => {
  const outcome = async (decode: FuzzTarget['decode']) =>
    attempt(planted(decode), Buffer.from('input'), allocations)
  const deeper = (depth: number): number => 1 + deeper(depth + 1)
  t.equal(await outcome(() => {}), 'taken')
  t.equal(await outcome(() => void JSON.parse('{')), 'refused')
  await t.rejects(
    outcome(() => void (undefined as unknown as string).length),
    Finding,
  )
  await t.rejects(
    outcome(() => void deeper(0)),
    Finding,
  )
  await t.rejects(
    outcome(() => void Buffer.allocUnsafe(1 << 20)),
    Finding,
  )
  await t.rejects(
    outcome(() => void new Uint8Array(1 << 20)),
    Finding,
  )
  await t.rejects(
    outcome(async () => Promise.reject(new TypeError('later'))),
    /later; the input, in hex: 696e707574/,
  )
})
