import { tallyOf, type Tally } from '../crash/lives.ts'
import { strikes } from '../crash/strike.ts'
import type { Soak } from './soak.ts'

/** Acts of a life: with fewer, each event is struck sooner; with more, states are richer. */
const acts = 14

/** Every event of one life after the other, with each kind of strike. */
export const crash: Soak = {
  name: 'crash',
  about: 'kill, power loss, EIO, ENOSPC and short writes at every disk operation and network call',
  async run({ untilMs, seed, say, sealed }) {
    const sums = new Map<string, Omit<Tally, 'kind'>>()
    for (const kind of strikes) sums.set(kind, { lives: 0, struck: 0, orphans: 0, lost: [] })
    let seeds = 0
    for (; seeds === 0 || Date.now() < untilMs; seeds++) {
      const one = seed + seeds
      for (const tally of await tallyOf({ seed: one, acts, every: 1, sealed: sealed(one) })) {
        add(sums.get(tally.kind)!, tally)
      }
      say(
        `seed ${seed + seeds}: ${[...sums.values()].reduce((sum, { lives }) => sum + lives, 0)} lives`,
      )
    }
    return {
      head: ['strike', 'lives', 'struck', 'lost', 'blobs in vain'],
      rows: [...sums].map(([kind, { lives, struck, lost, orphans }]) => [
        kind,
        `${lives}`,
        `${struck}`,
        `${lost.length}`,
        `${orphans}`,
      ]),
      failures: [...sums.values()].flatMap(({ lost }) => lost),
    }
  },
}

function add(sum: Omit<Tally, 'kind'>, { lives, struck, orphans, lost }: Tally): void {
  sum.lives += lives
  sum.struck += struck
  sum.orphans += orphans
  sum.lost.push(...lost)
}
