import type { NodeFault } from '../../src/devnet/nodes/node-fault.ts'
import type { Cause, Need, Prospect } from './cause.ts'
import { faults as f, nodes as n } from './world.ts'

/** A trouble of storage nodes, and which of them it takes to keep what from working. */
interface Trouble {
  readonly name: string
  readonly fault: NodeFault
  /** Undefined: nothing of it keeps that from working. */
  readonly spoils: Partial<Record<'reads' | 'writes', Harm>>
  /** Whom it concerns. @default whoever asks storage nodes */
  readonly onlyFor?: readonly Need[]
}

/** So many nodes are always borne, with so many it fails for certain. */
interface Harm {
  readonly borne: number
  readonly fatal: number
}

/** Any 2f + 1 sign; without f + 1 of them nothing is certified. */
const quorum: Harm = { borne: f, fatal: f + 1 }
/** A third of the slivers is enough; a range may lie with those that are left. */
const decoding: Harm = { borne: 2 * f, fatal: n }
/** Symbols of 2f + 1 nodes rebuild any row. */
const rebuilding: Harm = { borne: n, fatal: n + 1 }
/** Any one node has the metadata. */
const anyone: Harm = { borne: n - 1, fatal: n }

/** Small saves ask none: they go right whatever is wrong with them. */
const asking = ['reads', 'degraded', 'writes', 'saves'] as const

const gone = { reads: decoding, writes: quorum }

const troubles: readonly Trouble[] = [
  { name: 'down', fault: { kind: 'stop' }, spoils: gone },
  { name: 'slow', fault: { kind: 'slow', delayMs: 80 }, spoils: {} },
  { name: '500', fault: { kind: 'error', status: 500 }, spoils: gone },
  { name: '503', fault: { kind: 'error', status: 503 }, spoils: gone },
  { name: 'cut off', fault: { kind: 'drop' }, spoils: gone },
  { name: 'hanging', fault: { kind: 'hang' }, spoils: gone },
  {
    name: 'lying in metadata',
    fault: { kind: 'corrupt', on: ['metadata'] },
    spoils: { reads: anyone },
  },
  {
    name: 'lying in slivers',
    fault: { kind: 'corrupt', on: ['slivers'] },
    spoils: { reads: rebuilding },
  },
  {
    name: 'lying in slivers and symbols',
    fault: { kind: 'corrupt' },
    spoils: { reads: decoding },
  },
  {
    name: 'lying in symbols',
    fault: { kind: 'corrupt', on: ['symbols'] },
    spoils: {},
  },
  {
    name: 'lying in confirmations',
    fault: { kind: 'corrupt', on: ['confirmations'] },
    spoils: { writes: quorum },
    onlyFor: ['writes'],
  },
  {
    name: 'lying in all',
    fault: { kind: 'corrupt', on: ['metadata', 'slivers', 'symbols', 'confirmations', 'status'] },
    spoils: gone,
  },
]

/** With one, with as many as are borne, with one more, with more than a third are left of, with all. */
const counts = [1, f, f + 1, 2 * f + 1, n]

/** Each trouble of so many nodes; `first` is the first of them. */
export function nodeCauses(first: number): Cause[] {
  return troubles.flatMap((trouble) =>
    counts.map((count) => {
      const affected = Array.from({ length: count }, (_, i) => (first + i) % n)
      return {
        name: `${trouble.name}, ${count} of ${n} nodes`,
        ...prospects(trouble, count),
        onlyFor: trouble.onlyFor ?? asking,
        begin: async ({ devnet }) => {
          for (const node of affected) await devnet.fault(node, trouble.fault)
        },
      } satisfies Cause
    }),
  )
}

function prospects({ spoils }: Trouble, count: number): Partial<Record<Need, Prospect>> {
  const { reads, writes } = spoils
  return {
    ...(reads && {
      reads: prospectOf(reads, count),
      // Nodes that do not hold the blob are as good as affected.
      degraded: prospectOf({ ...reads, borne: reads.borne - f }, count),
    }),
    ...(writes && { writes: prospectOf(writes, count) }),
  }
}

function prospectOf({ borne, fatal }: Harm, count: number): Prospect {
  if (count <= borne) return 'right'
  return count >= fatal ? 'fails' : 'either'
}
