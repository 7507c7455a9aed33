import type { Known } from './known-tree.ts'

/** What an act changes of one path. */
export interface Change {
  readonly path: string
  readonly before: Known | undefined
  readonly after: Known | undefined
  /**
   * What may be seen when the act is broken off. `whole`: before or after; `grown`: what was there is there, and the new bytes or
   * zeros over and behind it; `rewritten`: before, or a part of the new bytes.
   */
  readonly how: 'whole' | 'grown' | 'rewritten'
  /** So many bytes of the new file were promised by an fsync. */
  promised?: number
}

/** Something that a worker does, and what is known after it. */
export interface Act {
  readonly kind: string
  /** What it looks at, if it changes nothing. */
  readonly about?: string
  readonly changes: readonly Change[]
  /** A file or directory gets another name, in one piece. */
  readonly move?: { readonly from: string; readonly to: string }
  /** May be left behind when it is broken off. */
  readonly leavings?: readonly string[]
  /** Resolves with the bytes read or written. */
  run(): Promise<number>
}
