import { type Disk, localDisk } from '../runtime/disk.ts'
import { currentBootId } from './boot-id.ts'
import { headerBytes } from './frame.ts'
import type { ReplayedRecord, SegmentNumber } from './journal.ts'
import { countDoubtful } from './mend.ts'
import { segmentsAmong } from './segment-file.ts'
import { recordsOf, surveySegment } from './survey.ts'
import { judge } from './verdict.ts'

/** What lies in a journal's directory, as the next `open` will take it. */
export interface InspectedJournal {
  /** Segment files; 0: there is no journal. */
  readonly segments: number
  readonly bytes: number
  /** Records that count. */
  readonly records: number
  /** A frame that does not check ends them; bytes from there on do not count. `damage`: no crash leaves it so. */
  readonly torn:
    | {
        readonly segment: SegmentNumber
        readonly offset: number
        readonly bytes: number
        readonly damage: boolean
      }
    | undefined
  /** Whole records behind the last sync before the machine restarted, which will not be taken. */
  readonly unsynced: number
  /** The records that count, oldest first. */
  replay(): Iterable<ReplayedRecord>
}

/** Reads a journal that nobody has open, and changes nothing. Throws JournalFormatError, and errors of the system calls. */
export function inspectJournal(
  directory: string,
  disk: Disk = localDisk,
  boot = currentBootId(),
): InspectedJournal {
  const segments = segmentsAmong(disk.list(directory))
  const surveys = segments.map((segment) => surveySegment(disk, directory, segment))
  const verdict = judge(surveys, boot)
  const { row, stop, doubtfulFrom } = verdict
  const unsynced = countDoubtful(disk, directory, verdict)
  const behind = surveys
    // A segment that was being made has nothing in it.
    .filter(({ segment, size }) => stop && segment >= stop.at.segment && size >= headerBytes)
    .map(({ segment, size }) => size - (segment === stop!.at.segment ? stop!.at.offset : 0))
  const bytes = behind.reduce((sum, size) => sum + Math.max(0, size), 0)
  const isTorn = stop && (bytes > 0 || stop.damage)
  return {
    segments: segments.length,
    bytes: surveys.reduce((sum, { size }) => sum + size, 0),
    records: row.reduce((sum, { records }) => sum + records, 0) - unsynced,
    torn: isTorn ? { ...stop.at, bytes, damage: stop.damage } : undefined,
    unsynced,
    *replay() {
      for (const { segment, wholeEnd } of row) {
        if (doubtfulFrom && segment > doubtfulFrom.segment) return
        const end = segment === doubtfulFrom?.segment ? doubtfulFrom.offset : wholeEnd
        for (const { payload } of recordsOf(disk, directory, segment, end)) {
          yield { segment, payload: Buffer.from(payload) }
        }
      }
    },
  }
}
