import type { DashboardData } from '../data.ts'

/** Something that is fetched now and then. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  /** There is no such thing for what is mounted. */
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'there'; readonly data: T }

/** What was seen at one moment. */
export interface Sample {
  readonly ms: number
  readonly dirtyBytes: number
  /** Of commits that are made. */
  readonly uploadedBytes: number
  /** Of the one that is being made. */
  readonly flyingBytes: number
}

/** All that the page shows. */
export interface View {
  readonly nowMs: number
  /** Whether the daemon answers; refused: not with this token. */
  readonly link: 'waiting' | 'live' | 'lost' | 'refused'
  readonly status: DashboardData['status'] | undefined
  /** The oldest first. */
  readonly samples: readonly Sample[]
  readonly history: Loaded<DashboardData['history']>
  readonly money: Loaded<DashboardData['money']>
  /** By sequence number, of commits that somebody has opened. */
  readonly changes: ReadonlyMap<number, Loaded<DashboardData['changes']>>
}

/** What a person can ask for. */
export interface Wishes {
  openCommit(sequence: number): void
}

/** So far back samples are kept. */
export const sampledMs = 5 * 60_000

export const emptyView: View = {
  nowMs: Date.now(),
  link: 'waiting',
  status: undefined,
  samples: [],
  history: { state: 'loading' },
  money: { state: 'loading' },
  changes: new Map(),
}
