import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'tap'
import { FileLock } from '../../src/runtime/file-lock.ts'

test('a lock is held once and free after its holder was killed', async (t) => {
  const path = join(t.testdir(), 'lock')
  const module = new URL('../../src/runtime/file-lock.ts', import.meta.url).href
  const script = `const { FileLock } = await import(${JSON.stringify(module)})
    FileLock.take(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script])
  await once(holder.stdout, 'data')
  t.same(FileLock.take(path), { heldBy: String(holder.pid) })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = FileLock.take(path)
  t.ok(lock instanceof FileLock)
  t.same(FileLock.take(path), { heldBy: String(process.pid) })
  if (lock instanceof FileLock) lock.release()
  t.ok(FileLock.take(path) instanceof FileLock)
})
