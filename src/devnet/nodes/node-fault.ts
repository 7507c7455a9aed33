import type { NodeDoor } from './route.ts'

/** Which calls a fault touches, and how often. */
export interface FaultScope {
  /** @default all; for `corrupt` slivers and symbols */
  readonly on?: readonly NodeDoor[]
  /** Answers it spoils before it ends by itself. @default without end */
  readonly times?: number
}

/**
 * Troubles of one storage node, until cleared or the process ends. A node has at most one fault of each kind.
 * - `stop`: connections are refused.
 * - `slow`: every answer waits.
 * - `corrupt`: what is served is wrong but well-formed: other bytes, other hashes, a signature of another key.
 * - `forget`: what is to be stored is promised, and kept nowhere.
 * - `drop`: the work is done, then the connection is cut instead of answering.
 * - `error`: nothing is done, the answer is an HTTP 5xx.
 * - `hang`: the request is taken and never answered.
 */
export type NodeFault =
  | { readonly kind: 'stop' }
  | ({ readonly kind: 'slow'; readonly delayMs: number } & FaultScope)
  | ({ readonly kind: 'corrupt' } & FaultScope)
  | ({ readonly kind: 'forget' } & FaultScope)
  | ({ readonly kind: 'drop' } & FaultScope)
  /** @default status 500 */
  | ({ readonly kind: 'error'; readonly status?: 500 | 503 } & FaultScope)
  | ({ readonly kind: 'hang' } & FaultScope)

export type NodeFaultKind = NodeFault['kind']
export const nodeFaultKinds = [
  'stop',
  'slow',
  'corrupt',
  'forget',
  'drop',
  'error',
  'hang',
] as const

const liesByDefault: readonly NodeDoor[] = ['slivers', 'symbols']

interface ActiveFault {
  readonly fault: Exclude<NodeFault, { kind: 'stop' }>
  left: number
}

/** The faults of one node that do not need its server to stop. */
export class NodeFaults {
  readonly #active = new Map<NodeFaultKind, ActiveFault>()

  set(fault: ActiveFault['fault']): void {
    this.#active.set(fault.kind, { fault, left: fault.times ?? Infinity })
  }

  clear(kind: NodeFaultKind): void {
    this.#active.delete(kind)
  }

  list(): readonly NodeFault[] {
    return [...this.#active.values()].map(({ fault }) => fault)
  }

  /** The fault of a kind that touches a call now, counted as used. */
  take<K extends ActiveFault['fault']['kind']>(
    kind: K,
    door: NodeDoor,
  ): Extract<NodeFault, { kind: K }> | undefined {
    const active = this.#active.get(kind)
    if (!active || !touches(active.fault, door)) return undefined
    active.left--
    if (active.left <= 0) this.#active.delete(kind)
    return active.fault as Extract<NodeFault, { kind: K }>
  }
}

function touches(fault: ActiveFault['fault'], door: NodeDoor): boolean {
  if (fault.on) return fault.on.includes(door)
  return fault.kind !== 'corrupt' || liesByDefault.includes(door)
}
