import { test } from 'tap'
import { Matrix } from './matrix.ts'
import { acts, sampleOf, statesOf } from './states.ts'
import { Tallies } from './tally.ts'

/** A sample on a sealed drive; `npm run test:soak -- network` tries all states, on public ones, too. */
const every = 27

test('whatever is wrong with the network, reads are right or refused, and changes are stored in the end', async (t) => {
  const matrix = new Matrix(1, true)
  t.teardown(() => matrix.end())
  const states = sampleOf(statesOf(1), every, 8)
  const tallies = new Tallies()
  for (const { cause, act } of states) {
    const story = await matrix.try(cause, act)
    tallies.add(story)
    t.not(story.outcome.kind, 'wrong', `${act.name} while ${cause.name}: ${story.outcome.kind}`)
  }
  const { tried, right, refused, drained, idle, wrong } = tallies.sum
  t.comment(
    `${tried} states: ${right} right, ${refused} refused with the reason, ${drained} waited and drained, ${idle} idle, ${wrong.length} wrong`,
  )
  t.same(wrong, [])
  t.ok(right > 0 && refused > 0 && drained > 0, 'of each kind some')
  t.equal(new Set(states.map(({ act }) => act)).size, acts.length, 'each act was tried')
})
