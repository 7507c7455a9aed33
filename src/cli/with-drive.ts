import type { Drive } from '../daemon/open-drive.ts'
import type { Context } from './command.ts'
import { driveRequest, type SettingFlags } from './drive-options.ts'

/** Opens a drive to be looked at, without a mount, and closes it afterwards. */
export async function withDrive<T>(
  drive: string,
  flags: SettingFlags,
  context: Context,
  work: (drive: Drive) => Promise<T>,
): Promise<T> {
  const { openDrive } = await import('../daemon/open-drive.ts')
  const opened = await openDrive(driveRequest(drive, flags, true, context), context.signal)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}
