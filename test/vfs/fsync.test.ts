import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { Drive, root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('fsync of a file or directory makes staging and journal stable', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.fs.fsync(id, handle, false)
  await drive.fs.fsync(id, handle, true)
  const { handle: directory } = await drive.fs.opendir(drive.top, 0, root)
  await drive.fs.fsyncdir(drive.top, directory, false)
  t.equal(drive.content.syncs, 3)
})

test('with remote durability it waits for the commit, after what is local', async (t) => {
  const order: string[] = []
  let committed = () => {}
  const commit = () => {
    order.push(`commit after ${drive.content.syncs} sync`)
    return new Promise<void>((resolve) => (committed = resolve))
  }
  const drive = new Drive({ commit })
  const { id, handle } = await drive.create('file')
  const syncing = Promise.resolve(drive.fs.fsync(id, handle, false)).then(() => order.push('done'))
  await new Promise((resolve) => setImmediate(resolve))
  t.same(order, ['commit after 1 sync'])
  committed()
  await syncing
  t.same(order, ['commit after 1 sync', 'done'])
})

scenario('what fails is told', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  drive.content.full = new FsError('EIO', 'the disk is gone')
  await t.rejects(Promise.resolve(drive.fs.fsync(id, handle, false)), { code: 'EIO' })
})

test('a commit that fails is told', async (t) => {
  const drive = new Drive({ commit: () => Promise.reject(new FsError('EIO', 'no gas')) })
  const { id, handle } = await drive.create('file')
  await t.rejects(Promise.resolve(drive.fs.fsync(id, handle, false)), { code: 'EIO' })
})
