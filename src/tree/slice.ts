/**
 * A run of written bytes that is in no blob yet. It lies in a staging segment of the state directory. Several
 * extents may show parts of one slice. Slices are never reused under the same number.
 */
export interface Slice {
  /** Unique in the life of a state directory. */
  readonly id: number
  /** The staging segment and the first byte in it. */
  readonly segment: number
  readonly position: number
  readonly length: number
}
