import { spawn } from 'node:child_process'
import { access, readFile, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false

/** A program that reads a file, and how it ends. */
function reader(path: string) {
  const child = spawn('cat', [path], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('exit', (_code, signal) => resolve(signal))
  })
  return { child, ended }
}

test('calls that take long', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { keepCache: false })
  const path = (name: string) => mounted.path(name)
  for (const name of ['read-never-1', 'read-never-2', 'read-deaf', 'read-slow-50', 'quick']) {
    await writeFile(path(name), 'bytes')
  }

  await t.test('do not hold up others, nor each other', async (t) => {
    const { child, ended } = reader(path('read-never-1'))
    await Promise.all([readFile(path('read-slow-50')), stat(path('slow-50')).catch(() => {})])
    for (let i = 0; i < 20; i++) await readFile(path('quick'))
    t.equal(child.exitCode, null)
    child.kill('SIGKILL')
    await ended
  })

  await t.test('run side by side, even in one directory', async (t) => {
    const order: string[] = []
    const look = (name: string) =>
      stat(path(name))
        .catch(() => {})
        .then(() => order.push(name))
    await Promise.all([look('slow-1500'), look('slow-1')])
    t.same(order, ['slow-1', 'slow-1500'])
  })

  for (const name of ['read-never-2', 'read-deaf']) {
    await t.test(`a reader of ${name} can be killed`, async (t) => {
      const { child, ended } = reader(path(name))
      await sleep(500)
      t.equal(child.exitCode, null, 'it waits')
      child.kill('SIGTERM')
      t.equal(await ended, 'SIGTERM')
    })
  }

  await t.test('a lookup that never ends can be killed, and the others go on', async (t) => {
    const { child, ended } = reader(path('never'))
    await sleep(300)
    child.kill('SIGKILL')
    t.equal(await ended, 'SIGKILL')
    await access(path('quick'))
    t.equal(mounted.log, '')
  })
})

test('bugs of the file system end as EIO, and the mount goes on', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  for (const name of ['read-throws', 'read-rejects', 'read-too-much', 'quick']) {
    await writeFile(mounted.path(name), 'bytes')
  }
  for (const name of ['read-throws', 'read-rejects', 'read-too-much']) {
    // Written pages are cached: O_DIRECT goes around them.
    const child = spawn('dd', [
      `if=${mounted.path(name)}`,
      'iflag=direct',
      'bs=4096',
      'of=/dev/null',
    ])
    let words = ''
    child.stderr.on('data', (text: Buffer) => (words += text.toString()))
    await new Promise((resolve) => child.on('close', resolve))
    t.match(words, /Input\/output error/, name)
  }
  t.equal(await readFile(mounted.path('quick'), 'utf8'), 'bytes')
  t.match(mounted.log, /TypeError: a bug/)
  t.match(mounted.log, /RangeError: a late bug/)
})

test('timers run while requests come without end', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, {
    mount: { attributeTimeoutSec: 0, entryTimeoutSec: 0 },
  })
  await writeFile(mounted.path('f'), '')
  const load = ['1', '2', '3'].map(() =>
    spawn(
      'sh',
      ['-c', `while :; do ls -l ${mounted.dir} ${mounted.path('f')} >/dev/null || exit; done`],
      { detached: true },
    ),
  )
  await sleep(500)
  const before = await mounted.ask<number>('ticks')
  await sleep(1000)
  const after = await mounted.ask<number>('ticks')
  for (const { pid } of load) process.kill(-pid!, 'SIGKILL')
  await Promise.all(load.map((child) => new Promise((resolve) => child.on('exit', resolve))))
  t.ok(after - before > 20, `${after - before} ticks of a timer of 1 ms in a second`)
})
