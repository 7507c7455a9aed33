import type { Allocations } from './allocations.ts'

/** A decoder of something that comes from outside, to be given any bytes. */
export interface FuzzTarget {
  readonly name: string
  /** Inputs that it takes. */
  readonly seeds: () => readonly Uint8Array[]
  /** Longer inputs are not tried. @default 4096 */
  readonly maxBytes?: number
  /** What the format has words for. */
  readonly words?: readonly string[]
  /** Makes checksums right in place that would have every mutant refused at the door. */
  readonly mend?: (input: Buffer) => void
  /** Bytes of buffers that one input may cost. @default 64 KiB and 16 times the input */
  readonly memory?: (input: Buffer) => number
  /** The errors with which an input may be refused. */
  readonly refusals: readonly (abstract new (...parameters: never[]) => Error)[]
  /** Mutants that each run of the tests tries. @default 4000 */
  readonly tries?: number
  /** Decodes, and checks what came out: throws any other error where something is wrong. */
  readonly decode: (input: Buffer) => void | Promise<void>
}

export const defaultMaxBytes = 4096

/** What became of one input. */
export type Outcome = 'taken' | 'refused'

/** A decoder did what it must not do. */
export class Finding extends Error {
  override readonly name = 'Finding'
  readonly input: Uint8Array

  constructor(target: FuzzTarget, input: Uint8Array, what: string, options?: ErrorOptions) {
    super(
      `${target.name}: ${what}; the input, in hex: ${Buffer.from(input).toString('hex')}`,
      options,
    )
    this.input = input
  }
}

/** Gives a target one input. Throws Finding. */
export function attempt(
  target: FuzzTarget,
  input: Uint8Array,
  allocations: Allocations,
): Outcome | Promise<Outcome> {
  const mended = Buffer.from(input)
  target.mend?.(mended)
  const bound = target.memory?.(mended) ?? 64 * 1024 + 16 * mended.length
  const ended = (thrown: unknown[]): Outcome => {
    const [error] = thrown
    const { bytes } = allocations
    if (bytes > bound) throw new Finding(target, input, `${bytes} bytes of buffers`)
    if (thrown.length === 0) return 'taken'
    if (target.refusals.some((kind) => error instanceof kind)) return 'refused'
    const what = error instanceof Error ? `${error.name}: ${error.message}` : 'no error was thrown'
    throw new Finding(target, input, what, { cause: error })
  }
  allocations.begin()
  try {
    const decoding = target.decode(mended)
    if (decoding instanceof Promise) {
      return decoding.then(
        () => ended([]),
        (error: unknown) => ended([error]),
      )
    }
  } catch (error) {
    return ended([error])
  }
  return ended([])
}

/** Throws unless both are the same bytes. */
export function expectSame(again: Uint8Array, given: Uint8Array, what: string): void {
  if (Buffer.compare(again, given) === 0) return
  throw new Error(`${what} is written anew as ${Buffer.from(again).toString('hex')}`)
}

export function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}
