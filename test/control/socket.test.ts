import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { test, type Test } from 'tap'
import { ask } from '../../src/control/client.ts'
import { ControlServer, type ControlHandler } from '../../src/control/server.ts'
import type { ControlProgress } from '../../src/control/protocol.ts'
import type { DriveStatus } from '../../src/control/status.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { Trouble } from '../../src/terms/trouble.ts'

const never = new AbortController().signal
const ignore = () => {}

async function serve(t: Test, handler: Partial<ControlHandler>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'walrusfs-control-'))
  const path = join(directory, 'control.sock')
  const refuse = () => {
    throw new Trouble('failed', 'not in this test')
  }
  const some = { status: refuse, sync: refuse, renew: refuse, gc: refuse, revive: refuse }
  const kept = { warmup: refuse, pin: refuse, unpin: refuse, offline: refuse, bwlimit: refuse }
  const refusals = {
    ...some,
    ...kept,
    estimate: refuse,
    dashboard: refuse,
    restore: refuse,
    unmount: refuse,
    metrics: refuse,
  }
  const all = { ...refusals, ...handler }
  const server = await ControlServer.open(path, all, silentLog)
  t.teardown(async () => {
    await server.close()
    rmSync(directory, { recursive: true })
  })
  return path
}

test('an answer comes back, with progress before it', async (t) => {
  const path = await serve(t, {
    sync: async (_, progress) => {
      progress({ step: 'upload', done: 1, total: 2 })
      return { sequence: '7' }
    },
  })
  const seen: ControlProgress[] = []
  t.same(await ask(path, { op: 'sync' }, (step) => seen.push(step), never), { sequence: '7' })
  t.same(seen, [{ step: 'upload', done: 1, total: 2 }])
})

test('a failure keeps its code and its words', async (t) => {
  const path = await serve(t, {
    unmount: () => {
      throw new Trouble('mount-point', 'a file is open')
    },
  })
  await t.rejects(ask(path, { op: 'unmount', lazy: false }, ignore, never), {
    code: 'mount-point',
    message: 'a file is open',
  })
})

test('the socket is its owner’s alone', async (t) => {
  const path = await serve(t, {})
  t.equal(statSync(path).mode & 0o777, 0o600)
})

test('an unknown request is refused, the next one answered', async (t) => {
  const path = await serve(t, { status: () => ({ drive: 'demo' }) as DriveStatus })
  const socket = connect(path)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  socket.write('{"op":"format-my-disk"}\nnot json\n{"op":"status"}\n')
  let text = ''
  while (text.split('\n').length < 4) text += String((await once(socket, 'data'))[0])
  const [first, second, third] = text
    .split('\n')
    .map((line) => (line ? JSON.parse(line) : undefined))
  t.equal(first.error.code, 'usage')
  t.equal(second.error.code, 'usage')
  t.equal(third.result.drive, 'demo')
})

test('a client that sends without end is cut off', async (t) => {
  const path = await serve(t, {})
  const socket = connect(path)
  socket.on('error', ignore)
  await once(socket, 'connect')
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  const flood = setInterval(() => socket.write('x'.repeat(1 << 15)), 1)
  await closed
  clearInterval(flood)
  t.ok(socket.destroyed)
})

test('nobody there is said plainly', async (t) => {
  await t.rejects(ask('/nonexistent/control.sock', { op: 'status' }, ignore, never), {
    code: 'not-running',
  })
})

test('a wait ends when the asker goes away', async (t) => {
  let aborted = false
  const path = await serve(t, {
    sync: async (_, __, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      aborted = true
      return { sequence: '0' }
    },
  })
  const asker = new AbortController()
  const asked = ask(path, { op: 'sync' }, ignore, asker.signal)
  setTimeout(() => asker.abort(new Error('enough')), 50)
  await t.rejects(asked, { message: 'enough' })
  while (!aborted) await new Promise((resolve) => setTimeout(resolve, 5))
  t.ok(aborted)
})
