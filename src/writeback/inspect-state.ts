import { join } from 'node:path'
import { FileStaging, stagingDisk } from '../content/file-staging.ts'
import type { DriveKeys } from '../crypto/drive-keys.ts'
import { FileJournal } from '../journal/file-journal.ts'
import { inspectJournal, type InspectedJournal } from '../journal/inspect.ts'
import { openedRecords } from '../journal/sealed-journal.ts'
import type { ManifestRoot } from '../manifest/manifest.ts'
import { type Disk, localDisk } from '../runtime/disk.ts'
import type { Log } from '../runtime/log.ts'
import { historyOfState, type StateHistory } from './history-of-state.ts'
import { namedSlices } from './named-slices.ts'
import { stateRecords } from './state-log.ts'

/** What lies in a drive's state directory. */
export interface InspectedState {
  readonly journal: Omit<InspectedJournal, 'replay'>
  /** What the changes are relative to; undefined: an empty drive, or nothing is known. */
  readonly base: ManifestRoot | undefined
  /** Changes that are not committed, and bytes of staging that they name. */
  readonly changes: number
  readonly stagedBytes: number
  /** Bytes that the journal names and staging does not have. */
  readonly missingBytes: number
  /** Names of staging files, with their bytes, in which nothing lies that the journal names. */
  readonly strayStaging: readonly StrayFile[]
  /** Of pack files that no commit waits for. */
  readonly strayPacks: readonly StrayFile[]
  /** Packs of an interrupted commit that are not there: it makes them anew. */
  readonly missingPacks: number
}

/** Keys of a sealed drive that its state directory needs. */
export type StateKeys = Pick<DriveKeys, 'journal' | 'staging'>

export interface StrayFile {
  readonly name: string
  readonly bytes: number
}

const stagingName = /^(\d{10})\.staging$/

/**
 * Looks at a state directory that nobody uses, and changes nothing. Throws JournalFormatError and StateRecordError for a
 * journal that this version cannot read, and errors of the system calls.
 */
export function inspectState(
  directory: string,
  keys?: StateKeys,
  disk: Disk = localDisk,
): InspectedState {
  const journal = inspectJournal(join(directory, 'journal'), disk)
  const history = historyOfState(stateRecords(openedRecords(journal.replay(), keys?.journal)))
  const staging = filesIn(stagingDisk(disk, keys?.staging), join(directory, 'staging'), stagingName)
  const sizes = new Map(staging.map(({ name, bytes }) => [Number.parseInt(name), bytes]))
  const named = new Set<number>()
  let [stagedBytes, missingBytes] = [0, 0]
  for (const { segment, position, length } of namedSlices(history)) {
    named.add(segment)
    stagedBytes += length
    if (position + length > (sizes.get(segment) ?? 0)) missingBytes += length
  }
  const waiting = new Map(history.interrupted?.packs?.map(({ file, bytes }) => [file, bytes]))
  const packs = filesIn(disk, join(directory, 'packs'), /\.pack$/)
  const present = packs.filter(({ name, bytes }) => waiting.get(name) === bytes)
  const { segments, bytes, records, torn, unsynced } = journal
  return {
    journal: { segments, bytes, records, torn, unsynced },
    base: history.base.root,
    changes: history.before.length + history.after.length,
    stagedBytes,
    missingBytes,
    // The last one is kept, empty, for its number.
    strayStaging: staging.filter(
      ({ name, bytes }) => bytes > 0 && !named.has(Number.parseInt(name)),
    ),
    strayPacks: packs.filter(({ name }) => !waiting.has(name)),
    missingPacks: waiting.size - present.length,
  }
}

/** What the mending of a state directory did. */
export interface MendedState {
  /** Files that keep what was cut off the journal. */
  readonly setAside: readonly string[]
  readonly removed: readonly StrayFile[]
  /** Strays that stay: the journal is damaged or not there, and what it no longer names may be all there is. */
  readonly left: readonly StrayFile[]
}

/**
 * Mends what a mount would mend: cuts the journal where it ends to count (what is cut off is set aside), then deletes what
 * nothing names. The caller has the state directory's lock.
 */
export async function mendState(
  directory: string,
  found: InspectedState,
  log: Log,
  keys?: StateKeys,
  disk: Disk = localDisk,
): Promise<MendedState> {
  const { strayStaging, strayPacks, journal } = found
  const strays = [...strayStaging, ...strayPacks]
  const isWhole = journal.records > 0 && journal.torn?.damage !== true
  const setAside = journal.segments > 0 ? await mendJournal(directory, found, log, keys, disk) : []
  if (!isWhole) return { setAside, removed: [], left: strays }
  for (const { name } of strayPacks) disk.remove(join(directory, 'packs', name))
  return { setAside, removed: strays, left: [] }
}

async function mendJournal(
  directory: string,
  { journal: before, strayStaging }: InspectedState,
  log: Log,
  keys: StateKeys | undefined,
  disk: Disk,
): Promise<readonly string[]> {
  const isWhole = before.records > 0 && before.torn?.damage !== true
  if (!before.torn && before.unsynced === 0 && strayStaging.length === 0) return []
  const staging = await FileStaging.open(join(directory, 'staging'), {
    disk,
    log,
    key: keys?.staging,
  })
  try {
    const path = join(directory, 'journal')
    const options = { before: () => staging.sync(), disk, log }
    const { journal, end } = await FileJournal.open(path, options)
    try {
      const records = openedRecords(journal.replay(), keys?.journal)
      const history: StateHistory = historyOfState(stateRecords(records))
      if (isWhole && strayStaging.length > 0) await staging.retainOnly(namedSlices(history))
    } finally {
      await journal.close()
    }
    return end.torn?.setAside ?? []
  } finally {
    await staging.close()
  }
}

function filesIn(disk: Disk, directory: string, pattern: RegExp): StrayFile[] {
  return disk
    .list(directory)
    .filter((name) => pattern.test(name))
    .map((name) => {
      const file = disk.open(join(directory, name), 'read')
      try {
        return { name, bytes: disk.size(file) }
      } finally {
        disk.close(file)
      }
    })
}
