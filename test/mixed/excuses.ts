/**
 * `storm`: more storage nodes are bad than is borne; `kill`: the daemon is killed and mounted again; `chain`: the full node or the
 * way to it is in trouble, which excuses commands that are answered at once, and no call of a program.
 */
export type ExcuseKind = 'storm' | 'kill' | 'chain'

/** A time in which acts may fail. */
interface Excuse {
  readonly kind: ExcuseKind
  /** Whose acts; undefined: everybody's. */
  readonly side: string | undefined
  readonly fromMs: number
  toMs: number
  readonly isOver: Promise<void>
}

/** When more was broken than a drive bears. */
export class Excuses {
  readonly #all: Excuse[] = []

  /** From now on, till what it gives is called; what began less than `graceMs` later is excused, too. */
  begin(kind: ExcuseKind, graceMs: number, side?: string): () => void {
    const { promise: isOver, resolve } = Promise.withResolvers<void>()
    const excuse: Excuse = { kind, side, fromMs: Date.now(), toMs: Infinity, isOver }
    this.#all.push(excuse)
    return () => {
      excuse.toMs = Date.now() + graceMs
      resolve()
    }
  }

  /** Why what a side began then, and what has failed by now, may fail; waits till that is over. Undefined: no reason. */
  async reasonFor(
    side: string,
    beganMs: number,
    kinds: readonly ExcuseKind[] = ['storm', 'kill'],
  ): Promise<ExcuseKind | undefined> {
    const found = this.#of(side).filter(({ toMs, kind }) => beganMs <= toMs && kinds.includes(kind))
    for (const { isOver } of found) await isOver
    return found.find(({ kind }) => kind === 'kill')?.kind ?? found[0]?.kind
  }

  /** Whether something of a kind goes on for a side right now. */
  isNow(kind: ExcuseKind, side: string): boolean {
    return this.#of(side).some((excuse) => excuse.kind === kind && excuse.toMs === Infinity)
  }

  #of(side: string): Excuse[] {
    return this.#all.filter((excuse) => (excuse.side ?? side) === side)
  }
}
