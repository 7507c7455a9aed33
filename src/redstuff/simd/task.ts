import type { Axis } from '../codec.ts'

/** A blob's matrix, and where its hashes go in the arena. Plans are plain data, sent with every task. */
export interface TreePlan {
  readonly shards: number
  /** Rows and columns of source symbols. */
  readonly rows: number
  readonly columns: number
  readonly symbolBytes: number
  /** Rows that hold any byte of the blob: the ones after them are zero and never touched. */
  readonly filledRows: number
  readonly length: number
  /** Address of the hashes of all slivers by pair, then the root; 0: not wanted. */
  readonly hashes: number
  /** Address of one node per row for each band of columns. */
  readonly subtrees: number
}

/** An encoding in one piece: all of it lies in the arena. */
export interface EncodePlan extends TreePlan {
  /** Address of the systematic rows, back to back. */
  readonly blob: number
  /** Address of the recovery columns, back to back: column `columns` first. */
  readonly recoveryColumns: number
  /** Address of the recovery rows, back to back, systematic columns only; 0: not wanted. */
  readonly recoveryRows: number
}

/** An encoding of a large blob: it goes through windows in the arena from one file to another. */
export interface StreamPlan extends TreePlan {
  readonly source: FilePart
  readonly spool: {
    readonly descriptor: number
    /** Where the recovery columns begin in the file; laid out as in {@link EncodePlan}. */
    readonly recoveryColumns: number
    /** The same for the recovery rows; undefined: not wanted. */
    readonly recoveryRows: number | undefined
  }
  /** Address of one window per worker, `windowBytes` apart. */
  readonly windows: number
  readonly windowBytes: number
}

/** A part of a file that is read into the arena. The descriptor stays open until the task is done. */
export interface FilePart {
  readonly descriptor: number
  readonly offset: number
}

/** Extends systematic rows [first, end) to the right, after reading them from the file where there is one. */
export interface RowsTask {
  readonly kind: 'rows'
  readonly plan: EncodePlan
  readonly first: number
  readonly end: number
  readonly file: FilePart | undefined
}

/** Extends bands [first, end) of columns down, hashes their leaves, their columns' trees and their part of the rows'. */
export interface ColumnsTask {
  readonly kind: 'columns'
  readonly plan: EncodePlan
  readonly first: number
  readonly end: number
}

/** Reads systematic rows [first, end) into the window, and writes what extends them to the spool. */
export interface StreamRowsTask {
  readonly kind: 'stream-rows'
  readonly plan: StreamPlan
  readonly first: number
  readonly end: number
}

/** The same as {@link ColumnsTask} through the window. */
export interface StreamColumnsTask {
  readonly kind: 'stream-columns'
  readonly plan: StreamPlan
  readonly band: number
}

/** Finishes the trees of rows [first, end). */
export interface RowRootsTask {
  readonly kind: 'row-roots'
  readonly plan: TreePlan
  readonly first: number
  readonly end: number
}

/** The tree over all pairs. */
export interface RootTask {
  readonly kind: 'root'
  readonly plan: TreePlan
}

/** Hashes of whole slivers of one axis, `step` apart from `slivers` on: those in [first, end) to `out`, 32 bytes each. */
export interface SliverHashesTask {
  readonly kind: 'sliver-hashes'
  readonly axis: Axis
  readonly symbolBytes: number
  readonly slivers: number
  readonly step: number
  readonly first: number
  readonly end: number
  readonly out: number
}

/** Extends one sliver along itself into `recoveries`, and hashes its n leaves to `leaves` unless that is 0. */
export interface LineTask {
  readonly kind: 'line'
  readonly axis: Axis
  readonly symbolBytes: number
  readonly sliver: number
  readonly recoveries: number
  readonly leaves: number
}

/** What is received of a code word whose symbols are runs of symbols, and where. */
export interface RebuildPlan {
  /** Distinguishes plans of one arena: a worker keeps the tables of the last one. */
  readonly id: number
  /** The axis along which the word lies. */
  readonly axis: Axis
  readonly symbolBytes: number
  /** Indices in the word; those of originals lie at their place, recovery ones in this order from `recoveries` on. */
  readonly received: readonly number[]
  readonly originals: number
  readonly recoveries: number
  /** Bytes from one run to the next. */
  readonly step: number
  /** Per worker, `factorBytes` apart: lists and factors. */
  readonly factors: number
  readonly factorBytes: number
}

/** Rebuilds symbols [first, end) of every missing original run. */
export interface RebuildTask {
  readonly kind: 'rebuild'
  readonly plan: RebuildPlan
  readonly first: number
  readonly end: number
}

/** Several tasks that are too small to be spread. */
export interface SequenceTask {
  readonly kind: 'sequence'
  readonly tasks: readonly Task[]
}

/** What a worker is asked to do in one arena. Doing it again does no harm, so a lost worker's tasks are given to another. */
export type Task =
  | RowsTask
  | ColumnsTask
  | StreamRowsTask
  | StreamColumnsTask
  | RowRootsTask
  | RootTask
  | SliverHashesTask
  | LineTask
  | RebuildTask
  | SequenceTask
