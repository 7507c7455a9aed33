import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { Drive, root } from './drive.ts'

const never = new Promise<void>(() => {})

test('a read that waits for the network is interrupted', async (t) => {
  const drive = new Drive()
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  drive.content.network = never
  const controller = new AbortController()
  const reading = drive.fs.read(id, handle, 0, new Uint8Array(5), controller.signal)
  t.type(reading, Promise)
  controller.abort()
  await t.rejects(Promise.resolve(reading), { code: 'EINTR' })
})

test('a read that is answered in time is not', async (t) => {
  const drive = new Drive()
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  drive.content.network = Promise.resolve()
  const controller = new AbortController()
  const bytes = await drive.fs.read(id, handle, 1, new Uint8Array(3), controller.signal)
  controller.abort()
  t.equal(Buffer.from(bytes as Uint8Array).toString(), 'yte')
})

test('a lookup that waits for the network is interrupted, and can be asked again', async (t) => {
  const drive = new Drive({ lazy: true })
  const name = nameFromText('nothing')
  const controller = new AbortController()
  const looking = drive.fs.lookup(drive.top, name, root, controller.signal)
  controller.abort()
  await t.rejects(Promise.resolve(looking), { code: 'EINTR' })
  await t.rejects(drive.lookup('nothing'), { code: 'ENOENT' })
})

test('what was aborted before it began is interrupted at once', async (t) => {
  const drive = new Drive({ lazy: true })
  const looking = drive.fs.lookup(drive.top, nameFromText('x'), root, AbortSignal.abort())
  await t.rejects(Promise.resolve(looking), { code: 'EINTR' })
})
