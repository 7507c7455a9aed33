import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMounted, until } from '../../e2e/machine.ts'
import type { Ends } from '../harness/ends.ts'
import { answers, freePort } from './loopback-port.ts'
import type { Rival } from './rival.ts'
import { hasProgram } from './rival.ts'

const missing = { missing: 'rclone is not installed (apt-get install rclone)' }

/** Mounts a directory of the host's disk: the quickest remote that there is. */
export async function rcloneOfDirectory(ends: Ends): Promise<Rival> {
  if (!hasProgram('rclone', 'version')) return missing
  const home = homeFor(ends)
  return { path: await mount(ends, home, [join(home, 'remote')]) }
}

/** Mounts a directory that `rclone serve webdav` serves on loopback, as our devnet is on loopback. Nothing of it is cached yet. */
export async function rcloneOfWebdav(ends: Ends, remote: string): Promise<Rival> {
  if (!hasProgram('rclone', 'version')) return missing
  const home = homeFor(ends)
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const config = ['--config', join(home, 'none')]
  const server = spawn('rclone', ['serve', 'webdav', remote, '--addr', address, ...config], {
    stdio: 'ignore',
  })
  ends.teardown(() => server.kill('SIGTERM'))
  await until(() => answers(port), 'rclone to serve webdav')
  const url = ['--webdav-url', `http://${address}`, '--webdav-vendor', 'other']
  return { path: await mount(ends, home, [':webdav:', ...url]) }
}

function homeFor(ends: Ends): string {
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-rclone-'))
  ends.teardown(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, 'remote'))
  mkdirSync(join(home, 'mount'))
  return home
}

async function mount(ends: Ends, home: string, remote: readonly string[]): Promise<string> {
  const path = join(home, 'mount')
  const cache = ['--vfs-cache-mode', 'full', '--cache-dir', join(home, 'cache')]
  const flags = [...cache, '--config', join(home, 'none')]
  const [first, ...rest] = remote
  const rclone = spawn('rclone', ['mount', first!, path, ...rest, ...flags], { stdio: 'ignore' })
  const ended = new Promise((resolve) => rclone.on('exit', resolve))
  ends.teardown(async () => {
    spawnSync('fusermount3', ['-u', '-z', '--', path])
    rclone.kill('SIGTERM')
    await ended
    rmdirSync(path)
  })
  await until(() => isMounted(path), 'rclone to mount')
  return path
}
