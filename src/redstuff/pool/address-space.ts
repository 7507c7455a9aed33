/** Lays regions out one after the other. Kernels read a little past and before them: there is slack around each. */
export class AddressSpace {
  #top: number

  constructor(base: number) {
    this.#top = base
  }

  /** Bytes that never belonged to a region lie around each one; addresses are multiples of 64. */
  reserve(bytes: number): number {
    const at = this.#top + slackBytes
    this.#top = roundUp(at + bytes, 64)
    return at
  }

  /** Where the next region may begin. */
  get top(): number {
    return this.#top + slackBytes
  }
}

/** Hashing reads up to 127 bytes past a symbol. */
const slackBytes = 192

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
