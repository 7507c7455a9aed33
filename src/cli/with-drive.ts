import type { Drive } from '../daemon/open-drive.ts'
import type { Context } from './command.ts'
import { driveRequest, refusePast, type SettingFlags } from './drive-options.ts'

/**
 * Opens a drive to be looked at, without a mount, and closes it afterwards; with its key, where it is here, if `signs`: to
 * know and change what the account owns.
 */
export async function withDrive<T>(
  drive: string,
  flags: SettingFlags,
  context: Context,
  work: (drive: Drive) => Promise<T>,
  signs = false,
): Promise<T> {
  const { openDrive } = await import('../daemon/open-drive.ts')
  const { storedTrouble } = await import('../daemon/stored-trouble.ts')
  const request = { ...driveRequest(drive, flags, true, context), signs }
  if (signs) refusePast(request.drive)
  const opened = await openDrive(request, context.signal)
  try {
    return await work(opened)
  } catch (error) {
    throw storedTrouble(error, request.drive.name)
  } finally {
    await opened.close()
  }
}
