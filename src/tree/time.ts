/**
 * A moment as the kernel counts: whole seconds since 1970 (negative before, at most 2^52 − 1 away), and 0–999,999,999 ns
 * after it.
 */
export interface Timestamp {
  readonly sec: number
  readonly nsec: number
}
