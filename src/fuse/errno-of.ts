import type { Log, LogFields } from '../runtime/log.ts'
import { Errno, FsError } from '../terms/errno.ts'
import { FormatError } from '../tree/format-error.ts'

/** The errno, positive, for what a call of the file system threw; what nobody could expect is told to the log. */
export function errnoOf(error: unknown, log: Log, fields: LogFields = {}): number {
  if (error instanceof FsError) return error.errno
  if (error instanceof FormatError) {
    log.error('the stored tree cannot be read there', { ...fields, reason: error.message })
    return Errno.EIO
  }
  const stack = error instanceof Error ? error.stack : String(error)
  log.error('a file system call failed in an unexpected way', { ...fields, stack })
  return Errno.EIO
}
