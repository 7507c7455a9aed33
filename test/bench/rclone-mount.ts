import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMounted, until } from '../e2e/machine.ts'
import type { Comparison } from './ratio-table.ts'

/** Runs a comparison against `rclone mount --vfs-cache-mode full` over a local directory; says why it cannot. */
export async function withRclone(
  ends: { teardown(undo: () => unknown): void },
  compare: (mount: string) => Comparison[],
): Promise<Comparison[]> {
  if (spawnSync('rclone', ['version'], { stdio: 'ignore' }).status !== 0) {
    process.stderr.write('rclone is not installed (apt-get install rclone): left out\n')
    return []
  }
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-rclone-'))
  const [remote, mount] = [join(home, 'remote'), join(home, 'mount')]
  mkdirSync(remote)
  mkdirSync(mount)
  const flags = [
    '--vfs-cache-mode',
    'full',
    '--cache-dir',
    join(home, 'cache'),
    '--config',
    join(home, 'none'),
  ]
  const rclone = spawn('rclone', ['mount', remote, mount, ...flags], { stdio: 'ignore' })
  ends.teardown(async () => {
    spawnSync('fusermount3', ['-u', '-z', '--', mount])
    rclone.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 500))
    rmdirSync(mount)
    rmSync(home, { recursive: true, force: true })
  })
  await until(() => isMounted(mount), 'rclone to mount')
  return compare(mount)
}
