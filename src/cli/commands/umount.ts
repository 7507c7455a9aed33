import { ask } from '../../control/client.ts'
import { occupationOf } from '../../fuse/mount/mount-point.ts'
import { unmountPath } from '../../fuse/mount/unmount.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { ended, findDaemon } from '../find-daemon.ts'

/** `walrusfs umount`. */
export const umount = command({
  command: ['umount <mount>', 'unmount <mount>'],
  describe: 'Unmount a drive when everything is committed',
  epilog:
    'With --lazy what is not committed stays in the state directory of this machine and the next mount goes on with it.',
  positionals: (argv) =>
    argv.positional('mount', { type: 'string', describe: 'Mount point or name of a drive' }),
  options: {
    mount: { type: 'string', hidden: true, demandOption: true },
    lazy: { type: 'boolean', default: false, describe: 'Do not wait for the drain' },
  },
  run: async (args, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, args.mount)
    const request = { op: 'unmount', lazy: args.lazy } as const
    const { drained } = await ask(daemon.socket, request, (step) => terminal.progress(step), signal)
    await ended(daemon.pid, signal)
    await clearAway(daemon.mountPoint)
    terminal.result({ mountPoint: daemon.mountPoint, drained }, () => [
      drained
        ? `${daemon.mountPoint} is unmounted, everything is committed`
        : `${daemon.mountPoint} is unmounted; some changes are only on this machine: mount ${daemon.drive} again to store them`,
    ])
    if (!drained && !args.lazy) throw new Trouble('undrained', 'unmounted before the drain ended')
  },
})

/** A mount that mount.fuse3 made for a daemon without privileges stays behind, dead; whoever may takes it away. */
async function clearAway(mountPoint: string): Promise<void> {
  if ((await occupationOf(mountPoint)) === 'stale') await unmountPath(mountPoint, true)
}
