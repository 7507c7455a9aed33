import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { refuseWhileLeased } from '../../daemon/drive-lease.ts'
import type { Drive, DriveRequest } from '../../daemon/open-drive.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { driveRequest, networkOption, settingOptions } from '../drive-options.ts'
import { counted } from '../../daemon/quantity.ts'

/** `walrusfs put`. */
export const put = command({
  command: 'put <local> <drive> [dir]',
  describe: 'Copy a local file or directory into a drive and commit, without mounting it',
  positionals: (argv: Argv) =>
    argv
      .positional('local', { type: 'string', describe: 'What to copy' })
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('dir', { type: 'string', default: '/', describe: 'Into which directory of it' }),
  options: {
    local: { type: 'string', hidden: true, demandOption: true },
    drive: { type: 'string', hidden: true, demandOption: true },
    dir: { type: 'string', hidden: true, default: '/' },
    ...networkOption,
    epochs: settingOptions.epochs,
  },
  run: async ({ local, drive, dir, network, epochs }, context) => {
    const { terminal, signal } = context
    if (!existsSync(local)) throw new Trouble('not-found', `${local} is not there`)
    const { storeTree } = await import('../../daemon/store-tree.ts')
    const request = driveRequest(drive, { network, epochs }, false, context)
    const opened = await openApart(request, context)
    try {
      refuseWhileLeased(opened.drive)
      const stored = await storeTree(
        opened.drive,
        local,
        dir,
        (step) => terminal.progress(step),
        signal,
      )
      const sequence = await opened.drive.writable!.writeBack.sync(signal)
      const { files, bytes, leftOut } = stored
      for (const path of leftOut)
        terminal.warn(`${path} is neither file, directory nor symlink; left out`)
      const result = { files, bytes, leftOut, sequence: String(sequence) }
      terminal.result(result, () => [
        `${counted(files, 'file')}, ${bytes} bytes; committed: sequence ${sequence}`,
      ])
    } finally {
      await opened.close()
    }
  },
})

/** With the drive's own state directory, so that a crash is gone on with; beside it while the drive is mounted. */
async function openApart(
  request: DriveRequest,
  { signal }: Context,
): Promise<{ drive: Drive; close: () => Promise<void> }> {
  const { openDrive } = await import('../../daemon/open-drive.ts')
  try {
    const drive = await openDrive(request, signal)
    return { drive, close: () => drive.close() }
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== 'locked') throw error
  }
  const stateName = `${request.drive.name}.put-${process.pid}`
  const drive = await openDrive({ ...request, stateName }, signal)
  const close = async () => {
    const left = drive.worktree.dirty
    await drive.close()
    if (!left) rmSync(join(request.directories.state, stateName), { recursive: true, force: true })
  }
  return { drive, close }
}
