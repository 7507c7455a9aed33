import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { SnapshotRow } from '../../daemon/past/snapshots.ts'
import { bytesText, timeText } from '../../daemon/quantity.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { driveNamed, runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs snapshot`. */
export const snapshot = command({
  command: 'snapshot <drive>',
  describe: 'Freeze the present state of a drive on chain, to be mounted by its own id',
  epilog: `The id that it prints can be mounted: walrusfs mount ID DIR --network NETWORK; of a sealed drive by whoever has a key slot of the drive, of a public
one by anybody, without a key. gc keeps what it needs, and
renewals extend it, as long as there is somebody who looks after the drive. It costs gas, and nobody can take it away.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    list: { type: 'boolean', default: false, describe: 'Those that there are; makes none' },
    sync: {
      type: 'boolean',
      default: false,
      describe: 'Commit first what is only on this machine, where the drive is mounted here',
    },
    ...networkOption,
  },
  run: async ({ drive, list, sync, network }, context) => {
    const { terminal, directories, signal } = context
    const { takeSnapshot, listSnapshots } = await import('../../daemon/past/snapshots.ts')
    const name = driveNamed(directories, drive)
    if (list) {
      const rows = await withDrive(name, { network }, context, (opened) =>
        listSnapshots(opened, signal),
      )
      if (!rows) {
        throw new Trouble(
          'failed',
          `this full node does not tell which snapshots of ${name} were frozen; those whose ids are known can be mounted`,
        )
      }
      terminal.result(rows, () => rows.map(lineOf))
      return
    }
    await settle(name, sync, context)
    const row = await withDrive(
      name,
      { network },
      context,
      (opened) => takeSnapshot(opened, signal),
      true,
    )
    terminal.result(row, () => [lineOf(row)])
  },
})

/** What is only in a mount of this machine is committed before, or said to be missing. */
async function settle(name: string, sync: boolean, context: Context): Promise<void> {
  const { terminal, directories, signal } = context
  const daemon = runningDaemon(directories, name)
  if (!daemon) return
  if (sync) {
    await ask(daemon.socket, { op: 'sync' }, (step) => terminal.progress(step), signal)
    return
  }
  const { writeback } = await ask(daemon.socket, { op: 'status' }, () => {}, signal)
  if (!writeback.dirty) return
  terminal.warn(
    `${bytesText(writeback.dirtyBytes)} of ${name} are only on this machine, and not in the snapshot: --sync commits them before`,
  )
}

function lineOf({ id, sequence, timeMs, usedBytes, usedInodes }: SnapshotRow): string {
  const time = timeMs === undefined ? '-' : timeText(timeMs)
  const what =
    usedBytes === undefined || usedInodes === undefined
      ? 'empty, or no longer stored'
      : `${usedInodes} entries, ${bytesText(usedBytes)}`
  return `${id}  ${String(sequence).padStart(6)}  ${time}  ${what}`
}
