import type { DriveLook } from '../daemon/open-look.ts'
import { silentLog } from '../runtime/log.ts'
import type { Context } from './command.ts'
import { driveRequest, type SettingFlags } from './drive-options.ts'

/**
 * Opens a drive to be examined, although it may be damaged or locked, and closes it afterwards. The result says what was found; the log
 * of it is for those who ask.
 */
export async function withLook<T>(
  drive: string,
  flags: SettingFlags,
  context: Context,
  work: (look: DriveLook) => Promise<T>,
): Promise<T> {
  const { openLook } = await import('../daemon/open-look.ts')
  const request = driveRequest(drive, flags, true, context)
  const log = context.verbose > 0 ? request.log : silentLog
  const look = await openLook({ ...request, log }, context.signal, true)
  try {
    return await work(look)
  } finally {
    await look.close()
  }
}
