/** A number that grows by one with each segment file of a journal. */
export type SegmentNumber = number

/** The longest record in bytes. */
export const maxRecordBytes = 2 ** 24 - 2

/**
 * Promises that may not be lost: an append-only log of opaque records in segment files. `FileJournal` implements
 * it; record payloads are encoded by the rooms that own them. The files are described in README.md.
 */
export interface Journal {
  /** The segment that records go to now. */
  readonly segment: SegmentNumber
  /** Bytes in all segments, buffered ones included. */
  readonly bytes: number
  /**
   * Throws what an `append` of so many bytes would throw now. Appends of no more than that in the same turn succeed: ask
   * before changing what a failing append would leave half done.
   */
  reserve(bytes: number): void
  /**
   * Keeps a record, in order. Buffered; written to the file at the end of the turn, or when it is handed over.
   * The payload is copied. Throws FsError ENOSPC when the disk takes no more (try again later), EIO when a sync failed or
   * the journal is closed; the record is not kept then.
   */
  append(payload: Uint8Array): void
  /** Writes what is buffered to the file, so that a killed process loses none of it. A failure is told by the next append or sync. */
  handOver(): void
  /**
   * Resolves when everything appended before the call is on stable storage, and before it everything that
   * `before` makes stable (staging's bytes). Callers at the same time share one fdatasync. Rejects with FsError; after
   * a failed fdatasync for ever, since what it lost is not written by the next one.
   */
  sync(): Promise<void>
  /** Ends the segment and begins the next one. What is appended later can be dropped apart from what came before. */
  rotate(): SegmentNumber
  /**
   * Deletes all segments before this one, after a `sync` of what follows. The caller has made sure that they are no
   * longer needed.
   */
  dropBefore(segment: SegmentNumber): Promise<void>
  /** Syncs and lets go of the files. */
  close(): Promise<void>
}

/** A record found by a replay. */
export interface ReplayedRecord {
  readonly segment: SegmentNumber
  readonly payload: Uint8Array
}

/** How a replay ended. */
export interface ReplayEnd {
  /** Records that `replay` gives. */
  readonly records: number
  /** A frame that does not check ended it: where, and what was set aside behind it. */
  readonly torn: TornEnd | undefined
  /**
   * The machine restarted since: whole records behind the last sync mark that were not taken, for the bytes they name
   * may never have reached the disk. None of them had been synced.
   */
  readonly unsynced: number
}

/** A frame that does not check. */
export interface TornEnd {
  readonly segment: SegmentNumber
  readonly offset: number
  /** Bytes from there to the end of the last segment. */
  readonly bytes: number
  /**
   * False: what a crash leaves of an append in the middle, nothing that was promised. True: the file was whole once
   * and is not any more; promises may have been lost.
   */
  readonly damage: boolean
  /** Files that keep those bytes. */
  readonly setAside: readonly string[]
}

/** A journal of a format that this program does not know. Nothing was changed. */
export class JournalFormatError extends Error {
  override readonly name: string = 'JournalFormatError'
}

/** A journal that is sealed, and there is no key to read it with. Nothing was changed. */
export class SealedJournalError extends Error {
  override readonly name = 'SealedJournalError'
}

/** It is not sealed, and the drive is: another one's. */
export class PlainJournalError extends JournalFormatError {
  override readonly name = 'PlainJournalError'

  constructor() {
    super('the journal of a sealed drive is not sealed')
  }
}
