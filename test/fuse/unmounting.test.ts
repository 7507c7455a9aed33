import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { test } from 'tap'
import { abortConnection } from '../../src/fuse/mount/connection.ts'
import { occupationOf } from '../../src/fuse/mount/mount-point.ts'
import { mountAt } from '../../src/fuse/mount/mount-table.ts'
import { MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false

test('unmounting', { skip }, async (t) => {
  await t.test('is refused while a file is open, and possible after that', async (t) => {
    const mounted = await MemoryMount.start(t)
    const fd = fs.openSync(mounted.path('f'), 'w')
    await t.rejects(mounted.ask('unmount', false), { code: 'EBUSY' })
    fs.writeSync(fd, 'still here')
    fs.closeSync(fd)
    t.equal(fs.readFileSync(mounted.path('f'), 'utf8'), 'still here')
    await mounted.ask('unmount', false)
    await mounted.ended
    t.equal(mountAt(mounted.dir), undefined)
  })

  await t.test('lazily detaches at once and serves what is open to its end', async (t) => {
    const mounted = await MemoryMount.start(t)
    const fd = fs.openSync(mounted.path('f'), 'w+')
    await mounted.ask('unmount', true)
    t.equal(mountAt(mounted.dir), undefined)
    fs.writeSync(fd, 'after')
    const back = Buffer.alloc(5)
    fs.readSync(fd, back, 0, 5, 0)
    t.equal(back.toString(), 'after')
    fs.closeSync(fd)
    await mounted.ended
  })

  await t.test('by anybody else ends the server, which then exits by itself', async (t) => {
    for (const command of [['umount'], ['umount', '-l'], ['fusermount3', '-u']]) {
      if (spawnSync(command[0]!, ['-V']).error) continue
      const mounted = await MemoryMount.start(t)
      const exited = new Promise((resolve) => mounted.child.on('exit', resolve))
      t.equal(
        spawnSync(command[0]!, [...command.slice(1), mounted.dir]).status,
        0,
        command.join(' '),
      )
      await mounted.ended
      t.equal(await exited, 0)
    }
  })

  await t.test('writes that the kernel still holds arrive first', async (t) => {
    const mounted = await MemoryMount.start(t)
    const fd = fs.openSync(mounted.path('f'), 'w')
    fs.writeSync(fd, Buffer.alloc(1 << 20))
    fs.closeSync(fd)
    await mounted.ask('unmount', false)
    await mounted.ended
  })

  await t.test('an abort ends it, whoever asks for it', async (t) => {
    const mounted = await MemoryMount.start(t)
    const fd = fs.openSync(mounted.path('f'), 'w')
    await mounted.ask('abort').catch(() => {})
    await mounted.ended
    t.throws(() => fs.fstatSync(fd), { code: 'ENOTCONN' })
    t.throws(() => fs.closeSync(fd), { code: 'ENOTCONN' })
    const other = await MemoryMount.start(t)
    if (!fs.existsSync(`/sys/fs/fuse/connections/${mountAt(other.dir)?.device.split(':')[1]}`)) {
      t.comment('skipped: /sys/fs/fuse/connections is not mounted')
      return
    }
    t.ok(abortConnection(other.dir))
    await other.ended
    t.equal(await occupationOf(other.dir), 'stale')
  })
})
