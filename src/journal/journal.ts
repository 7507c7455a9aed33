/** A number that grows by one with each segment file of a journal. */
export type SegmentNumber = number

/**
 * Promises that may not be lost: an append-only log of opaque records in segment files. A frame is
 * `u32 length | u32 crc32 | payload`, little-endian; the first frame that does not check ends a replay.
 * `FileJournal` implements it; record payloads are encoded by the rooms that own them.
 */
export interface Journal {
  /** The segment that records go to now. */
  readonly segment: SegmentNumber
  /** Bytes in all segments, buffered ones included. */
  readonly bytes: number
  /** Keeps a record, in order. Buffered; written to the file within a turn or two, so that a killed process loses little. Throws FsError ENOSPC or EIO when the log can take no more. */
  append(payload: Uint8Array): void
  /**
   * Resolves when everything appended before the call is on stable storage, and before it everything that
   * `before` makes stable (staging's bytes). Callers at the same time share one fdatasync.
   */
  sync(): Promise<void>
  /** Ends the segment and begins the next one. What is appended later can be dropped apart from what came before. */
  rotate(): SegmentNumber
  /** Deletes all segments before this one. The caller has made sure that they are no longer needed. */
  dropBefore(segment: SegmentNumber): Promise<void>
  close(): Promise<void>
}

/** A record found by a replay. */
export interface ReplayedRecord {
  readonly segment: SegmentNumber
  readonly payload: Uint8Array
}

/** How a replay ended. */
export interface ReplayEnd {
  readonly records: number
  /** A torn or damaged frame ended it: where, and how many bytes behind it were set aside in a `.damaged` file. */
  readonly torn:
    { readonly segment: SegmentNumber; readonly offset: number; readonly bytes: number } | undefined
  /** The machine restarted since: records after the last sync mark were not taken (their bytes may never have reached the disk). */
  readonly unsynced: number
}
