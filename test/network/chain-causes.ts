import type { ChainFault } from '../../src/devnet/chain-view.ts'
import type { Cause, Prospect } from './cause.ts'

const troubles: readonly {
  readonly name: string
  readonly fault: ChainFault
  readonly chain: Prospect
}[] = [
  { name: 'refuses connections', fault: { kind: 'down' }, chain: 'fails' },
  { name: 'is unavailable', fault: { kind: 'down', how: 'unavailable' }, chain: 'fails' },
  { name: 'hangs', fault: { kind: 'hang' }, chain: 'fails' },
  { name: 'is slow', fault: { kind: 'slow', delayMs: 40 }, chain: 'right' },
  { name: 'loses one answer', fault: { kind: 'lose-answer', times: 1 }, chain: 'right' },
  { name: 'loses three answers', fault: { kind: 'lose-answer', times: 3 }, chain: 'right' },
  { name: 'loses all answers', fault: { kind: 'lose-answer', times: 1_000_000 }, chain: 'either' },
  { name: 'shows the past', fault: { kind: 'stale' }, chain: 'either' },
]

/** Each trouble of the full node. */
export function chainCauses(): Cause[] {
  return troubles.map(({ name, fault, chain }) => ({
    name: `full node ${name}`,
    chain,
    begin: ({ devnet }) => devnet.suiFault(fault),
  }))
}
