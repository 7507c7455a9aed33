import type { ChainFault } from '../../src/devnet/chain-view.ts'
import { never, type Trouble } from './trouble.ts'

const faults: readonly (readonly [name: string, fault: ChainFault])[] = [
  ['full node refuses', { kind: 'down' }],
  ['full node unavailable', { kind: 'down', how: 'unavailable' }],
  ['full node hangs', { kind: 'hang' }],
  ['full node slow', { kind: 'slow', delayMs: 700 }],
  ['full node loses an answer', { kind: 'lose-answer', times: 1 }],
  ['full node loses three answers', { kind: 'lose-answer', times: 3 }],
  ['full node shows the past', { kind: 'stale' }],
]

/** So seldom, so that what was bought and is renewed lasts. */
const epochEveryMs = 45_000

/** What is to be wrong with the full node, or the way to it; or an epoch that ends. */
export class ChainTroubles {
  readonly #chance: () => number
  readonly #longestMs: number
  #epochAtMs = 0

  constructor(chance: () => number, longestMs: number) {
    this.#chance = chance
    this.#longestMs = longestMs
  }

  next(): Trouble {
    const dice = this.#chance()
    const lengthMs = (0.2 + 0.8 * this.#chance()) * this.#longestMs
    if (dice < 0.25 && Date.now() - this.#epochAtMs > epochEveryMs) return this.#epoch()
    if (dice < 0.45) return this.#cut(lengthMs)
    const [name, fault] = faults[Math.floor(this.#chance() * faults.length)]!
    return {
      kinds: [name],
      isTooMuch: false,
      excuses: 'chain',
      lengthMs,
      begin: ({ devnet }) => devnet.suiFault(fault, never),
      end: ({ devnet }) => devnet.suiFault(undefined, never),
    }
  }

  #epoch(): Trouble {
    const moving = this.#chance() < 0.5
    this.#epochAtMs = Date.now()
    return {
      kinds: [moving ? 'epoch, shards move' : 'epoch'],
      isTooMuch: false,
      excuses: 'chain',
      lengthMs: 0,
      begin: ({ devnet }) => devnet.advanceEpoch(1, never, moving),
      end: async () => {},
    }
  }

  #cut(lengthMs: number): Trouble {
    const dice = this.#chance()
    return {
      kinds: ['line to the full node cut'],
      isTooMuch: false,
      excuses: 'chain',
      lengthMs,
      begin: async ({ lines }) => lines[Math.floor(dice * lines.length)]!.cut(),
      end: async ({ lines }) => {
        for (const line of lines) line.mend()
      },
    }
  }
}
