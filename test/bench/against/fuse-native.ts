import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFuseNative } from '../../../src/fuse/native/fuse-native.ts'
import { isMounted, until } from '../../e2e/machine.ts'
import type { Ends } from '../harness/ends.ts'
import type { Rival } from './rival.ts'

/** Mounts a file `large` that a process serves from its memory through fuse-native, as its README shows it. */
export async function fuseNativeOfMemory(ends: Ends, fileBytes: number): Promise<Rival> {
  try {
    loadFuseNative()
  } catch (error) {
    return { missing: (error as Error).message }
  }
  const path = mkdtempSync(join(tmpdir(), 'walrusfs-fuse-native-'))
  const program = join(import.meta.dirname, 'fuse-native-server.ts')
  const server = spawn(process.execPath, [program, path, String(fileBytes)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => server.on('exit', resolve))
  ends.teardown(async () => {
    spawnSync('fusermount3', ['-u', '-z', '--', path])
    server.kill('SIGKILL')
    await ended
    rmdirSync(path)
  })
  await until(() => isMounted(path), 'fuse-native to mount')
  return { path }
}
