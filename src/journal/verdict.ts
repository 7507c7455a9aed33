import { headerBytes, isBefore, type Mark, type Position } from './frame.ts'
import type { SegmentNumber } from './journal.ts'
import type { SegmentSurvey } from './survey.ts'

/** What of a journal's files counts. */
export interface Verdict {
  /** Segments with whole frames from the start, each up to `wholeEnd`: an unbroken row. */
  readonly row: readonly SegmentSurvey[]
  /** The row ends before the files do. */
  readonly stop: { readonly at: Position; readonly damage: boolean } | undefined
  /**
   * From here on there are records that were written before the machine restarted and that no mark covers. What follows
   * does not count.
   */
  readonly doubtfulFrom: Position | undefined
  /** A mark, in the row or behind its end, covers everything before this place. */
  readonly covered: Position
  /** Everything before this place is known to have been on stable storage. */
  readonly durable: Position
  /** Segments that had been dropped; only their deletion was not finished. */
  readonly obsolete: readonly SegmentNumber[]
  /** The first segment that should be there. */
  readonly first: SegmentNumber
}

/** Decides by the surveys of all segment files, oldest first, and the machine's boot id. */
export function judge(surveys: readonly SegmentSurvey[], boot: Buffer): Verdict {
  const marks = surveys.flatMap((survey) => [...survey.marks, ...survey.marksBehind])
  const first = firstSegment(surveys)
  const live = surveys.filter((survey) => survey.segment >= first)
  const { row, end } = unbrokenRow(live, first)
  const start: Position = { segment: first, offset: headerBytes }
  const proofs = live
    .filter((survey) => survey.header)
    .flatMap((survey) => {
      return [...survey.marks, ...survey.marksBehind].map((mark) => ({ survey, mark }))
    })
  const covered = latest(
    proofs.map(({ mark }) => mark.covered),
    start,
  )
  return {
    row,
    stop: end && { at: end.at, damage: end.missing || isDamage(end.at, live, marks, boot) },
    doubtfulFrom: doubtful(row, covered, boot),
    covered,
    durable: latest(
      proofs.map(({ survey, mark }) => provenDurable(survey, mark, boot)),
      start,
    ),
    obsolete: surveys.filter((survey) => survey.segment < first).map((survey) => survey.segment),
    first,
  }
}

/**
 * The oldest segment that counts, by what marks say. Where older ones are still there, their deletion did not begin; the
 * mark that dropped them holds only if all that should replace them is there up to it.
 */
function firstSegment(surveys: readonly SegmentSurvey[]): SegmentNumber {
  const oldest = surveys[0]?.segment ?? 1
  const said = surveys
    .filter((survey) => survey.header)
    .flatMap((survey) => [...survey.marks, ...survey.marksBehind].map((mark) => mark.first))
  if (said.length === 0) return oldest
  const claimed = greatest(said, 0)
  if (claimed <= oldest) return claimed
  const holding = surveys.flatMap((survey) => {
    const firsts = new Set(survey.marks.map((mark) => mark.first))
    return [...firsts].filter((first) => isUnbroken(surveys, first, survey.segment))
  })
  return greatest(holding, oldest)
}

/** There may be a mark for each sync of days: too many to be parameters of one call. */
function greatest(segments: readonly SegmentNumber[], least: SegmentNumber): SegmentNumber {
  return segments.reduce((most, segment) => Math.max(most, segment), least)
}

function isUnbroken(
  surveys: readonly SegmentSurvey[],
  first: SegmentNumber,
  last: SegmentNumber,
): boolean {
  const live = surveys.filter((survey) => survey.segment >= first)
  return unbrokenRow(live, first).row.some((survey) => survey.segment === last)
}

interface RowEnd {
  readonly at: Position
  /** A whole segment is not there. */
  readonly missing: boolean
}

function unbrokenRow(
  live: readonly SegmentSurvey[],
  first: SegmentNumber,
): { readonly row: SegmentSurvey[]; readonly end: RowEnd | undefined } {
  const row: SegmentSurvey[] = []
  const stop = (segment: SegmentNumber, offset: number, missing = false) => ({
    row,
    end: { at: { segment, offset }, missing },
  })
  if (live.length === 0 && first > 1) return stop(first, 0, true)
  for (const survey of live) {
    const before = row.at(-1)
    if (survey.segment !== first + row.length) return stop(first + row.length, 0, true)
    if (!survey.header) return stop(survey.segment, 0)
    if (before && survey.header.previousEnd !== before.wholeEnd) {
      return stop(before.segment, before.wholeEnd)
    }
    row.push(survey)
    if (survey.wholeEnd < survey.size) return stop(survey.segment, survey.wholeEnd)
  }
  return { row, end: undefined }
}

/**
 * A crash of the program can only cut the last frame short. One of the machine can lose anything that was not yet on
 * stable storage. All else is damage.
 */
function isDamage(
  at: Position,
  live: readonly SegmentSurvey[],
  marks: readonly Mark[],
  boot: Buffer,
): boolean {
  if (marks.some((mark) => isBefore(at, mark.durable))) return true
  const index = live.findIndex((survey) => survey.segment === at.segment)
  const survey = live[index]
  const writer = survey?.header ?? live[index - 1]?.header
  // Of a first segment the header is stable before anything is appended.
  if (!writer) return survey !== undefined && survey.size > headerBytes
  const restarted = !writer.boot.equals(boot)
  return !restarted && (!survey?.looksCut || index < live.length - 1)
}

function doubtful(
  row: readonly SegmentSurvey[],
  covered: Position,
  boot: Buffer,
): Position | undefined {
  for (const survey of row) {
    const offset = survey.segment === covered.segment ? covered.offset : headerBytes
    const uncovered = survey.segment >= covered.segment && offset < survey.recordsEnd
    if (uncovered && !survey.header?.boot.equals(boot)) return { segment: survey.segment, offset }
  }
  return undefined
}

/** A mark that came through a restart is proof of what it covers; one in the page cache, of what the sync before it did. */
function provenDurable(survey: SegmentSurvey, mark: Mark, boot: Buffer): Position {
  return survey.header?.boot.equals(boot) ? mark.durable : mark.covered
}

function latest(positions: readonly Position[], start: Position): Position {
  return positions.reduce((last, position) => (isBefore(last, position) ? position : last), start)
}
