/** What a soak works with. */
export interface SoakPlan {
  /** When to end, milliseconds since 1970; what has been begun is gone through. */
  readonly untilMs: number
  /** The same as a length of time. */
  readonly minutes: number
  /** Those of the soak's parts that are wanted. */
  readonly parts: readonly string[]
  /** Writes what was found worth keeping into test/fixtures. */
  readonly keep: boolean
  /** Where what was measured is written; undefined: a new directory. */
  readonly out: string | undefined
  /** Whether the drive of a seed is sealed. */
  readonly sealed: (seed: number) => boolean
  /** Of all that is random. */
  readonly seed: number
  /** Tells how far it is. */
  readonly say: (text: string) => void
}

export interface SoakTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface SoakResult extends SoakTable {
  /** Tables behind the first one. */
  readonly more?: readonly SoakTable[]
  /** What was lost, or wrong, and how to see it again; none if all is well. */
  readonly failures: readonly string[]
}

/** Something that is done for long, so that what is rare shows. */
export interface Soak {
  readonly name: string
  readonly about: string
  /** What it goes through, where one can be wanted alone: `NAME:PART`, each for all of the time. */
  readonly parts?: readonly string[]
  run(plan: SoakPlan): Promise<SoakResult>
}
