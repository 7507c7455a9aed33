import { test } from 'tap'
import { root } from './drive.ts'
import { Drive } from './drive.ts'

test('a write over the dirty limit waits, with bytes of its own', async (t) => {
  let pause: Promise<void> | undefined
  const drive = new Drive({ throttle: () => pause })
  const { id, handle } = await drive.create('file')
  let goOn = () => {}
  pause = new Promise((resolve) => {
    goOn = () => {
      pause = undefined
      resolve()
    }
  })
  const borrowed = Buffer.from('bytes')
  const writing = drive.fs.write(id, handle, 0, borrowed, false, root)
  t.type(writing, Promise)
  borrowed.fill(0)
  t.equal((await drive.stat(id)).size, 0, 'nothing was written yet')
  goOn()
  t.equal(await writing, 5)
  t.equal(await drive.read(id, handle), 'bytes')
})

test('a write that the pause has not helped waits again', async (t) => {
  let pauses = 3
  const drive = new Drive({ throttle: () => (pauses-- > 0 ? Promise.resolve() : undefined) })
  const { id, handle } = await drive.create('file')
  t.equal(await drive.fs.write(id, handle, 0, Buffer.from('x'), false, root), 1)
  t.equal(pauses, -1)
})

test('a file closed while its write waited', async (t) => {
  const drive = new Drive({ throttle: () => Promise.resolve() })
  const { id, handle } = await drive.create('file')
  const writing = drive.fs.write(id, handle, 0, Buffer.from('x'), false, root)
  await drive.fs.release(id, handle, undefined)
  await t.rejects(Promise.resolve(writing), { code: 'EBADF' })
})
