import {
  FileJournal,
  type JournalOptions,
  type OpenedJournal,
} from '../../src/journal/file-journal.ts'
import { type InspectedJournal, inspectJournal } from '../../src/journal/inspect.ts'
import type { SimulatedDisk } from '../runtime/simulated-disk.ts'

export const directory = '/state/journal'

/** A boot id for each restart of the machine. */
export function bootId(restart: number): Buffer {
  return Buffer.alloc(16, restart + 1)
}

/** What a look says that changes nothing; undefined where the files cannot be read. */
function inspected(disk: SimulatedDisk, restart: number): InspectedJournal | undefined {
  try {
    return inspectJournal(directory, disk, bootId(restart))
  } catch {
    return undefined
  }
}

/** Never syncs unasked. A look before must have said what opening finds. */
export async function openJournal(
  disk: SimulatedDisk,
  restart = 0,
  options: JournalOptions = {},
): Promise<OpenedJournal> {
  const seen = inspected(disk, restart)
  const said = seen && [...seen.replay()].map(({ payload }) => payload.toString())
  const opened = await FileJournal.open(directory, {
    disk,
    bootId: bootId(restart),
    syncEveryMs: 2 ** 30,
    clock: {
      now: () => 0,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    },
    ...options,
  })
  const { records, unsynced, torn } = opened.end
  const found = [...opened.journal.replay()].map(({ payload }) => payload.toString())
  const isSame =
    seen &&
    seen.records === records &&
    seen.unsynced === unsynced &&
    seen.torn?.damage === torn?.damage &&
    seen.torn?.offset === torn?.offset &&
    seen.torn?.bytes === torn?.bytes &&
    String(said) === String(found)
  if (!isSame)
    throw new Error(`a look saw ${JSON.stringify(seen)}, and open ${JSON.stringify(opened.end)}`)
  return opened
}

/** The texts of all records that were there at the start. */
export function texts(journal: FileJournal): string[] {
  return [...journal.replay()].map(({ payload }) => Buffer.from(payload).toString('latin1'))
}

export function record(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** Ends the turn, so that buffered records are in the file. */
export function turn(): Promise<void> {
  return new Promise(setImmediate)
}
