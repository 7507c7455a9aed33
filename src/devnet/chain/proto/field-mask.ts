/** Which fields of a message a caller wants (`google.protobuf.FieldMask`). */
export class FieldMask {
  readonly #paths: readonly string[]

  /** No paths, or `*`, ask for everything. */
  constructor(paths: readonly string[]) {
    this.#paths = paths.includes('*') ? [] : paths
  }

  /** The mask of a request, or the one that stands when it has none. */
  static of(requested: { paths: string[] } | undefined, otherwise: readonly string[]): FieldMask {
    return new FieldMask(requested && requested.paths.length > 0 ? requested.paths : otherwise)
  }

  /** Whether a field is wanted, whole or in part. */
  has(field: string): boolean {
    return (
      this.#paths.length === 0 ||
      this.#paths.some((path) => path === field || path.startsWith(`${field}.`))
    )
  }

  /** The mask of a field's own fields. */
  within(field: string): FieldMask {
    if (this.#paths.length === 0 || this.#paths.includes(field)) return new FieldMask([])
    const prefix = `${field}.`
    const inner = this.#paths.filter((path) => path.startsWith(prefix))
    return new FieldMask(inner.length > 0 ? inner.map((path) => path.slice(prefix.length)) : [''])
  }
}

/** What Sui answers when a request has no mask. */
export const defaultMask = {
  object: ['object_id', 'version', 'digest'],
  transaction: ['digest'],
  execution: ['effects'],
  checkpoint: ['sequence_number', 'digest'],
  event: ['*'],
} as const
