/** What reads to expect next. */
export type Prediction =
  /** On from here. */
  | { readonly kind: 'forward'; readonly at: number }
  /** Down from here. */
  | { readonly kind: 'backward'; readonly at: number }
  /** `length` bytes here, then each time `by` bytes further (or back). */
  | { readonly kind: 'strided'; readonly at: number; readonly by: number; readonly length: number }

/** Requests of a reader under way overtake each other, and leave out, no more than this. */
const slackBytes = 256 << 10

/** Recognises how a handle is read. A pattern begins with an exact continuation; going on, it is forgiving. */
export class ReadPattern {
  #kind: Prediction['kind'] | undefined
  #start = -1
  #end = -1
  #by = 0

  /** Takes the next read; says what to expect when reading goes on so. */
  next(offset: number, length: number): Prediction | undefined {
    const kind = this.#start < 0 ? undefined : this.#kindOf(offset, length)
    const goesOn = kind !== undefined && kind === this.#kind
    this.#by = this.#start < 0 ? 0 : offset - this.#start
    const [start, end] = [this.#start, this.#end]
    this.#start = goesOn && kind === 'backward' ? Math.min(start, offset) : offset
    this.#end = goesOn && kind === 'forward' ? Math.max(end, offset + length) : offset + length
    this.#kind = kind
    switch (kind) {
      case 'forward':
        return { kind, at: this.#end }
      case 'backward':
        return { kind, at: this.#start }
      case 'strided':
        return { kind, at: offset + this.#by, by: this.#by, length }
      case undefined:
        return undefined
    }
  }

  #kindOf(offset: number, length: number): Prediction['kind'] | undefined {
    const slack = Math.max(slackBytes, length)
    if (this.#kind === 'forward') {
      if (offset >= this.#end - 2 * slack && offset <= this.#end + slack) return 'forward'
    } else if (this.#kind === 'backward') {
      const end = offset + length
      if (end >= this.#start - slack && end <= this.#start + 2 * slack) return 'backward'
    }
    if (offset === this.#end) return 'forward'
    if (offset + length === this.#start) return 'backward'
    const by = offset - this.#start
    return by === this.#by && by !== 0 ? 'strided' : undefined
  }
}
