import type { NodeFault } from '../../src/devnet/nodes/node-fault.ts'
import { never, type Breakable, type Trouble } from './trouble.ts'

/** Each kind of fault of one storage node. It never forgets what it has signed for: that would be lost for good. */
const kinds: readonly (readonly [name: string, fault: (chance: () => number) => NodeFault])[] = [
  ['node stopped', () => ({ kind: 'stop' })],
  ['node slow', (chance) => ({ kind: 'slow', delayMs: Math.floor(50 + chance() * 1500) })],
  ['node 500', () => ({ kind: 'error', status: 500 })],
  ['node 503', () => ({ kind: 'error', status: 503 })],
  ['node cuts off', () => ({ kind: 'drop' })],
  ['node hangs', () => ({ kind: 'hang' })],
  ['node lies in slivers', () => ({ kind: 'corrupt' })],
  ['node lies in metadata', () => ({ kind: 'corrupt', on: ['metadata'] })],
  [
    'node lies in all',
    () => ({
      kind: 'corrupt',
      on: ['metadata', 'slivers', 'symbols', 'confirmations', 'status'],
    }),
  ],
]

/** How often more nodes fail than are borne. */
const stormShare = 0.15

/** What is to be wrong with some storage nodes: each in its own way, or, in a storm, too many in one. */
export function nodeTrouble(
  chance: () => number,
  { nodes, borne }: Pick<Breakable, 'nodes' | 'borne'>,
  longestMs: number,
  storms = stormShare,
): Trouble {
  const isTooMuch = chance() < storms
  const count = isTooMuch
    ? borne + 1 + Math.floor(chance() * (nodes - borne))
    : 1 + Math.floor(chance() * borne)
  const first = Math.floor(chance() * nodes)
  const one = draw(chance)
  const affected = Array.from({ length: count }, (_, i) => {
    const [name, fault] = isTooMuch ? one : draw(chance)
    return { node: String((first + i) % nodes), name, fault: fault(chance) }
  })
  return {
    kinds: isTooMuch ? [`${one[0]}: too many`] : affected.map(({ name }) => name),
    isTooMuch,
    lengthMs: (0.2 + 0.8 * chance()) * longestMs,
    begin: async ({ devnet }) => {
      for (const { node, fault } of affected) await devnet.fault(node, fault, never)
    },
    end: ({ devnet }) => devnet.mend({}, never),
  }
}

function draw(chance: () => number) {
  return kinds[Math.floor(chance() * kinds.length)]!
}
