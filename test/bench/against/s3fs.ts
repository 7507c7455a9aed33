import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMounted, until } from '../../e2e/machine.ts'
import type { Ends } from '../harness/ends.ts'
import { answers, freePort } from './loopback-port.ts'
import { hasProgram } from './rival.ts'
import type { Rival } from './rival.ts'

/** Mounts a directory as a bucket of an S3 server on loopback. Nothing of it is cached yet. */
export async function s3fsOfLoopback(ends: Ends, remote: string): Promise<Rival> {
  if (!hasProgram('s3fs', '--version')) {
    return { missing: 's3fs is not installed (apt-get install s3fs)' }
  }
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-s3fs-'))
  ends.teardown(() => rmSync(home, { recursive: true, force: true }))
  const [path, passwords] = [join(home, 'mount'), join(home, 'passwords')]
  mkdirSync(path)
  writeFileSync(passwords, 'nobody:nothing', { mode: 0o600 })
  const port = await freePort()
  const program = join(import.meta.dirname, 'loopback-s3.ts')
  const server = spawn(process.execPath, [program, remote, String(port)], { stdio: 'ignore' })
  ends.teardown(() => server.kill('SIGKILL'))
  await until(() => answers(port), 'the S3 server')
  const url = `url=http://127.0.0.1:${port},use_path_request_style,passwd_file=${passwords}`
  const s3fs = spawn('s3fs', ['bucket', path, '-f', '-o', url], { stdio: 'ignore' })
  const ended = new Promise((resolve) => s3fs.on('exit', resolve))
  ends.teardown(async () => {
    spawnSync('fusermount3', ['-u', '-z', '--', path])
    s3fs.kill('SIGTERM')
    await ended
  })
  await until(() => isMounted(path), 's3fs to mount')
  return { path }
}
