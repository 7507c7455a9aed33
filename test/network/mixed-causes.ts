import type { NodeFault } from '../../src/devnet/nodes/node-fault.ts'
import { chances } from '../runtime/chances.ts'
import type { Cause } from './cause.ts'
import { faults as f, nodes as n, type World } from './world.ts'

const kinds: readonly NodeFault[] = [
  { kind: 'stop' },
  { kind: 'slow', delayMs: 60 },
  { kind: 'error', status: 503 },
  { kind: 'drop' },
  { kind: 'hang' },
  { kind: 'corrupt', on: ['metadata', 'slivers', 'symbols', 'confirmations', 'status'] },
  { kind: 'forget' },
]
/** Others are in trouble after so long. */
const changeMs = 70
const mixtures = 4

/** No more than f nodes are in trouble at a time, each in its own way, while the full node has its own: all must go right. */
export function mixedCauses(seed: number): Cause[] {
  const chance = chances(seed)
  const forgetful = {
    name: `forgetful, ${f} of ${n} nodes`,
    onlyFor: ['writes'],
    begin: (world) => trouble(world, Array<NodeFault>(f).fill({ kind: 'forget' }), seed),
  } satisfies Cause
  const mixed = Array.from({ length: mixtures }, (): Cause => {
    const some = Array.from({ length: f }, () => kinds[Math.floor(chance() * kinds.length)]!)
    const first = Math.floor(chance() * n)
    const isSlow = chance() < 0.5
    return {
      name: 'others at each node, and a full node that is late or forgets to answer',
      begin: async (world) => {
        await trouble(world, some, first)
        await world.devnet.suiFault(
          isSlow ? { kind: 'slow', delayMs: 20 } : { kind: 'lose-answer', times: 2 },
        )
      },
    }
  })
  return [forgetful, ...mixed, restless(chance)]
}

/** Who is in trouble, and in what, changes all the time. */
function restless(chance: () => number): Cause {
  let isOver = false
  let changing: Promise<void> = Promise.resolve()
  return {
    name: `others all the time, up to ${f} of ${n} nodes`,
    begin: async (world) => {
      isOver = false
      const change = async (): Promise<void> => {
        while (!isOver) {
          await world.devnet.mend()
          const some = Array.from({ length: f }, () => kinds[Math.floor(chance() * kinds.length)]!)
          await trouble(world, some, Math.floor(chance() * n))
          await new Promise((resolve) => setTimeout(resolve, changeMs))
        }
      }
      changing = change()
    },
    end: async (world) => {
      isOver = true
      await changing
      await world.mend()
    },
  }
}

/** Each of these at one node, from the first one on. */
async function trouble(
  { devnet }: World,
  some: readonly NodeFault[],
  first: number,
): Promise<void> {
  for (const [i, fault] of some.entries()) await devnet.fault((first + i) % n, fault)
}
