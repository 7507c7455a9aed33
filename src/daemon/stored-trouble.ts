import { JournalFormatError, PlainJournalError, SealedJournalError } from '../journal/journal.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import { FormatError } from '../tree/format-error.ts'
import { BaseGone } from '../writeback/recovery.ts'
import { StateRecordError } from '../writeback/state-log.ts'

/** What an error means for a person when bytes of a drive, stored or in its state directory, cannot be read; others stay as they are. */
export function storedTrouble(error: unknown, drive: string): unknown {
  if (error instanceof FormatError) return treeTrouble(error, drive)
  if (error instanceof BaseGone) {
    const text = `${error.changes} changes of ${drive} that were made here stand on a state of it whose packs another machine's gc has deleted, so they cannot be merged into what it is now`
    return new Trouble(
      'conflict',
      `${text}; they stay in the state directory, and nothing was changed: set that aside to mount ${drive} as it is`,
      { cause: error },
    )
  }
  if (error instanceof FsError) {
    const why =
      error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
    return new Trouble('failed', `${drive} cannot be read there (${why}); nothing was changed`, {
      cause: error,
    })
  }
  if (error instanceof SealedJournalError) {
    return new Trouble(
      'unsealed',
      `the state directory of ${drive} holds changes that are sealed, and the drive that is shown is not; nothing was changed: use another full node, or set the state directory aside`,
      { cause: error },
    )
  }
  if (error instanceof PlainJournalError) {
    return new Trouble(
      'unsealed',
      `the state directory of ${drive} holds changes that are not sealed, and the drive is: they are another drive's; nothing was changed: look whether the configuration has the right manifest, or set the state directory aside`,
      { cause: error },
    )
  }
  if (!(error instanceof JournalFormatError || error instanceof StateRecordError)) return error
  return new Trouble(
    'format',
    `the journal of ${drive} cannot be read (${error.message}); what it holds stays where it is: mount with the version of walrusfs that wrote it`,
    { cause: error },
  )
}

function treeTrouble(error: FormatError, drive: string): Trouble {
  const cause = { cause: error }
  if (error.fault === 'damaged') {
    const text = `the stored tree of ${drive} is damaged or forged (${error.message})`
    return new Trouble('damaged', `${text}; nothing was changed: ask who wrote it last`, cause)
  }
  const text = `the stored tree of ${drive} is of a newer kind (${error.message})`
  return new Trouble('format', `${text}; nothing was changed: use a newer version`, cause)
}
