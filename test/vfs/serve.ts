import { chooseDriver } from '../../src/fuse/choose-driver.ts'
import type { DriverName } from '../../src/fuse/choose-driver.ts'
import type { MountOptions } from '../../src/fuse/driver.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { PosixFileSystem } from '../../src/vfs/posix-file-system.ts'
import { statusDirectory } from '../../src/vfs/status-directory.ts'
import { MemoryContent } from './memory-content.ts'

/**
 * Serves the file system over a tree and bytes in memory, for tests and suites that need a mount:
 *
 *     node test/vfs/serve.ts '{"mountPoint":"/mnt"}'
 *
 * Says `ready` on its output, and unmounts when its input ends.
 */
export interface Served extends Partial<Omit<MountOptions, 'log'>> {
  readonly mountPoint: string
  /** @default kernel */
  readonly driver?: DriverName
  readonly accessTimes?: 'none' | 'relatime'
}

async function serve({ driver, accessTimes, ...mount }: Served): Promise<void> {
  const log = new LineLog((line) => process.stderr.write(`${line}\n`), 'info')
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const worktree = new Worktree({ root: { mode: 0o755, ...owner } })
  const status = () => `${JSON.stringify(fileSystem.counts)}\n`
  const fileSystem: PosixFileSystem = new PosixFileSystem(
    { worktree, content: new MemoryContent(), clock: systemClock },
    { virtual: statusDirectory(systemClock, owner, status), ...(accessTimes && { accessTimes }) },
  )
  const mounted = await chooseDriver(driver ?? 'kernel').mount(fileSystem, {
    source: 'vfs-test',
    readOnly: false,
    allowOther: true,
    extra: [],
    ...mount,
    log,
  })
  process.stdin.on('end', () => void mounted.unmount(true)).resume()
  process.stdout.write('ready\n')
  await mounted.ended
  fileSystem.unmounted()
}

if (process.argv[2] !== undefined) {
  await serve(JSON.parse(process.argv[2]) as Served)
  process.exit(0)
}
