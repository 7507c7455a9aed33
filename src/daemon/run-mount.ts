import type { Log } from '../runtime/log.ts'
import type { MountedDrive } from './mounted-drive.ts'
import { notifySystemd } from './systemd.ts'

/**
 * Keeps a mount going until somebody unmounts it or the signal aborts (SIGINT, SIGTERM): then everything is stored and
 * committed first. `again` resolves at a second signal: what is left stays for the next mount. Whether everything
 * is committed.
 */
export async function runMount(
  daemon: Pick<MountedDrive, 'unmounted' | 'close' | 'closeControl'>,
  signal: AbortSignal,
  again: Promise<void>,
  log: Log,
): Promise<boolean> {
  notifySystemd('--ready', `--status=mounted`)
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([asked, daemon.unmounted])
  notifySystemd('STOPPING=1', '--status=storing what is only here')
  void again.then(() => daemon.close({ lazy: true }))
  try {
    return await daemon.close({ lazy: false, detach: true })
  } finally {
    await daemon.closeControl()
    log.info('the daemon ends')
  }
}
