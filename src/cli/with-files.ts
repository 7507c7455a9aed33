import type { Files } from '../daemon/drive-files.ts'
import { silentLog } from '../runtime/log.ts'
import type { Context } from './command.ts'
import { foreignRequest, type ForeignFlags } from './foreign-request.ts'
import { withDrive } from './with-drive.ts'

/** Opens a drive, or something that others published, to be looked at without a mount, and closes it afterwards. */
export async function withFiles<T>(
  reference: string,
  flags: ForeignFlags,
  context: Context,
  work: (files: Files) => Promise<T>,
): Promise<T> {
  const request = foreignRequest(reference, flags, context)
  if (!request) return withDrive(reference, flags, context, work)
  const { openForeign } = await import('../daemon/open-foreign.ts')
  const { foreignTrouble } = await import('../daemon/foreign-trouble.ts')
  const log = context.verbose > 0 ? request.log : silentLog
  const opened = await openForeign({ ...request, log }, context.signal)
  try {
    return await work(opened)
  } catch (error) {
    throw foreignTrouble(error, request)
  } finally {
    await opened.close()
  }
}
