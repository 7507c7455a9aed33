import { test } from 'tap'
import { tallyOf } from './lives.ts'
import { strikes } from './strike.ts'

/** A sample; `npm run test:soak -- crash` takes every event. */
const seeds = [1, 2, 3]
const perKind = 7

for (const seed of seeds) {
  test(`whatever goes wrong when, nothing that was promised is lost (acts of seed ${seed})`, async (t) => {
    const every = Math.ceil(120 / perKind)
    const tallies = await tallyOf({ seed, acts: 12, every, sealed: seed % 2 === 0 })
    for (const { kind, lives, struck, orphans, lost } of tallies) {
      t.same(lost, [], `${kind}: ${lives} lives, ${struck} struck`)
      t.ok(struck >= 3, `${kind} did strike`)
      // A power loss may take a pack with it: its blob was paid for, and the pack is made anew with another time in it.
      if (kind !== 'power loss') t.equal(orphans, 0, `${kind}: no blob was paid for in vain`)
    }
    t.equal(tallies.length, strikes.length)
  })
}
