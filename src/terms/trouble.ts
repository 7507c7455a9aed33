/**
 * What can go wrong for a person, each kind with the exit code of the command that met it. Numbered once, never reused.
 */
export const exitCodes = {
  failed: 1, // anything without a number of its own
  usage: 2, // wrong flags or arguments
  config: 3, // the configuration cannot be used
  'unknown-drive': 4,
  'no-key': 5, // the key that the drive needs is not there
  'wrong-key': 6, // the key owns no writer capability, or does not open the drive
  'no-gas': 7, // no SUI for transactions
  'no-wal': 8, // no WAL for storage
  unreachable: 9, // full node or too many storage nodes do not answer
  'mount-point': 10, // missing, busy, not empty, inside itself or the cache
  fuse: 11, // /dev/fuse, fusermount3 or libfuse is missing or refuses
  locked: 12, // another daemon has this state directory
  damaged: 13, // journal, state or stored data do not check
  format: 14, // written by a version that this one does not know
  'disk-full': 15,
  'not-mounted': 16,
  'not-running': 17, // no daemon or devnet answers
  conflict: 18,
  'read-only': 19,
  exists: 20, // the name is taken
  'not-found': 21, // no such path in the drive, or no such state of it
  interrupted: 22,
  undrained: 23, // ended while some changes are only here
  'rolled-back': 24, // the full node shows an older drive than this machine has seen
  leased: 25, // another writer has the drive alone
  sealed: 26, // the drive is sealed, and nothing here opens it
  'wrong-secret': 27, // the passphrase, key file or recovery key opens no slot of the drive
  unsealed: 28, // a drive that was sealed is shown as one that is not, or with another key
  'over-budget': 29, // new data costs more than the budget leaves; it waits
} as const

export type TroubleCode = keyof typeof exitCodes

/** What each says to who reads the manual. */
export const exitMeanings = {
  failed: 'Anything without a number of its own',
  usage: 'Wrong flags or arguments',
  config: 'The configuration or the environment cannot be used',
  'unknown-drive': 'The configuration has no such drive, or the object is no manifest',
  'no-key': 'The key that the drive needs is not there',
  'wrong-key': 'The key owns no writer capability, or does not open the drive',
  'no-gas': 'No SUI for transactions',
  'no-wal': 'No WAL for storage',
  unreachable: 'The full node, or too many storage nodes, do not answer',
  'mount-point': 'The mount point is missing, busy, not empty, or inside the state or the cache',
  fuse: '/dev/fuse, fusermount3 or libfuse is missing or refuses',
  locked: 'Another daemon has this state directory',
  damaged: 'Journal, state or stored data do not check',
  format: 'Written by a version that this one does not know',
  'disk-full': 'No space is left',
  'not-mounted': 'Nothing is mounted there',
  'not-running': 'No daemon or devnet answers',
  conflict: 'Another writer was first',
  'read-only': 'It cannot be written',
  exists: 'The name is taken',
  'not-found': 'There is no such path in the drive',
  interrupted: 'A signal came',
  undrained: 'It ended while some changes are only on this machine',
  'rolled-back': 'The full node shows an older drive than this machine has seen',
  leased: 'Another writer has the drive alone',
  sealed: 'The drive is sealed, and nothing here opens it',
  'wrong-secret': 'The passphrase, key file or recovery key opens no slot of the drive',
  unsealed: 'A drive that was sealed is shown as one that is not, or with another key',
  'over-budget': 'New data costs more than the budget leaves: it waits on this machine',
} as const satisfies Record<TroubleCode, string>

/**
 * A failure for a person: one line that says what happened, what it means for the data, and what mends it.
 * `message` holds the whole line.
 */
export class Trouble extends Error {
  override readonly name = 'Trouble'
  readonly code: TroubleCode

  constructor(code: TroubleCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
