import type { AlarmTime } from '../../src/devnet/alarm.ts'
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

/** In the middle of a commit: before each of its two transactions is simulated, and before it is carried out. */
const moments: readonly AlarmTime[] = [
  { at: 'simulation' },
  { at: 'execution' },
  { at: 'simulation', skip: 1 },
  { at: 'execution', skip: 1 },
]

/** Each trouble of the full node, before and during an act. */
export function chainCauses(): Cause[] {
  const before = troubles.map(({ name, fault, chain }): Cause => ({
    name: `full node ${name}`,
    chain,
    begin: ({ devnet }) => devnet.suiFault(fault),
  }))
  return [...before, ...troubles.flatMap((trouble) => moments.map((time) => during(trouble, time)))]
}

function during({ name, fault, chain }: (typeof troubles)[number], time: AlarmTime): Cause {
  let hasStruck = false
  const { at, skip = 0 } = time
  return {
    name: `full node ${name} from ${at} ${skip + 1} on`,
    // Of acts with one transaction the second one never comes.
    chain: chain === 'fails' ? 'either' : chain,
    onlyFor: ['chain'],
    begin: async ({ devnet }) => {
      hasStruck = false
      devnet.at(time, async () => {
        hasStruck = true
        await devnet.suiFault(fault)
      })
    },
    struck: () => hasStruck,
    end: async (world) => {
      world.devnet.at(undefined)
      await world.mend()
    },
  }
}
