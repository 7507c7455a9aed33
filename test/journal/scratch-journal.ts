import {
  FileJournal,
  type JournalOptions,
  type OpenedJournal,
} from '../../src/journal/file-journal.ts'
import type { SimulatedDisk } from '../runtime/simulated-disk.ts'

export const directory = '/state/journal'

/** A boot id for each restart of the machine. */
export function bootId(restart: number): Buffer {
  return Buffer.alloc(16, restart + 1)
}

/** Never syncs unasked. */
export function openJournal(
  disk: SimulatedDisk,
  restart = 0,
  options: JournalOptions = {},
): Promise<OpenedJournal> {
  return FileJournal.open(directory, {
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
