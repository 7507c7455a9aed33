import { FsError } from '../../src/terms/errno.ts'
import type { ErrnoName } from '../../src/terms/errno.ts'
import type { Answer } from '../../src/vfs/file-system.ts'

/** What a driver makes of a name or attribute that is not there: the errno. */
export async function present<T>(answer: Answer<T | undefined>, code: ErrnoName): Promise<T> {
  const value = await answer
  if (value === undefined) throw new FsError(code)
  return value
}
