/** What a soak works with. */
export interface SoakPlan {
  /** When to end, milliseconds since 1970; what has been begun is gone through. */
  readonly untilMs: number
  /** Of all that is random. */
  readonly seed: number
  /** Tells how far it is. */
  readonly say: (text: string) => void
}

export interface SoakResult {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What was lost, or wrong, and how to see it again; none if all is well. */
  readonly failures: readonly string[]
}

/** Something that is done for long, so that what is rare shows. */
export interface Soak {
  readonly name: string
  readonly about: string
  run(plan: SoakPlan): Promise<SoakResult>
}
