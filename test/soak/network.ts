import { Matrix } from '../network/matrix.ts'
import { statesOf } from '../network/states.ts'
import { Tallies } from '../network/tally.ts'
import type { Soak } from './soak.ts'

/** Every state of the network matrix, again and again with other nodes affected. */
export const network: Soak = {
  name: 'network',
  about: 'nodes and full node that are gone, late or lying, epochs and committees that change',
  async run({ untilMs, seed, say, sealed }) {
    const tallies = new Tallies()
    for (let round = 0; round === 0 || Date.now() < untilMs; round++) {
      const matrix = new Matrix(seed + round, sealed(seed + round))
      try {
        for (const [at, { cause, act }] of statesOf(seed + round).entries()) {
          const story = await matrix.try(cause, act)
          tallies.add(story)
          if (story.outcome.kind === 'wrong')
            say(`${act.name} while ${cause.name}: ${story.outcome.why}`)
          if ((at + 1) % 50 === 0) say(`seed ${seed + round}: ${at + 1} states`)
        }
      } finally {
        await matrix.end()
      }
    }
    const { all, sum } = tallies
    return {
      head: ['cause', 'tried', 'right', 'EIO, reason', 'waited, drained', 'idle', 'wrong'],
      rows: [...all, { cause: 'all', ...sum }].map((tally) => [
        tally.cause,
        `${tally.tried}`,
        `${tally.right}`,
        `${tally.refused}`,
        `${tally.drained}`,
        `${tally.idle}`,
        `${tally.wrong.length}`,
      ]),
      failures: sum.wrong,
    }
  },
}
