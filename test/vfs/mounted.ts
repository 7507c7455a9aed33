import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Served } from './serve.ts'

/** Why there can be no mount here; false if there can. */
export function whyNoMount(): string | false {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root, for owners and device nodes'
  return statSync('/dev/fuse', { throwIfNoEntry: false }) ? false : 'needs /dev/fuse'
}

/** Mounts the file system in a child process, until the test ends. Gives the mount point. */
export async function mounted(t: Test, served: Partial<Served> = {}): Promise<string> {
  const mountPoint = mkdtempSync(join(tmpdir(), 'walrusfs-vfs-'))
  const options: Served = { mountPoint, extra: ['dev', 'suid'], ...served }
  const program = join(import.meta.dirname, 'serve.ts')
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.stdin.end()
    await exited
    spawnSync('umount', ['-l', mountPoint], { stdio: 'ignore' })
    rmdirSync(mountPoint)
  })
  await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => {
      throw new Error('the server did not come up')
    }),
  ])
  return mountPoint
}
