import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { KernelDriver } from '../../src/fuse/kernel/kernel-driver.ts'
import { occupationOf } from '../../src/fuse/mount/mount-point.ts'
import { mountAt } from '../../src/fuse/mount/mount-table.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { makeMountPoint, MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false

test('where it cannot be mounted it says why', { skip }, async (t) => {
  // In this process, since nothing comes to be mounted.
  const refused = (mountPoint: string, extra: string[] = []) =>
    new KernelDriver().mount(new MemoryFileSystem(), {
      mountPoint,
      source: 'memory',
      readOnly: false,
      allowOther: false,
      extra,
      log: silentLog,
    })
  const dir = fs.mkdtempSync('/tmp/walrusfs-fuse-no-')
  t.teardown(() => fs.rmSync(dir, { recursive: true }))
  fs.writeFileSync(join(dir, 'file'), '')

  await t.rejects(refused('relative'), { code: 'not-a-directory', message: /absolute/ })
  await t.rejects(refused(join(dir, 'missing')), {
    code: 'not-a-directory',
    message: /does not exist/,
  })
  await t.rejects(refused(join(dir, 'file')), { code: 'not-a-directory' })
  await t.rejects(refused(dir), { code: 'not-empty', message: /nonempty/ })
  await t.rejects(refused(makeMountPoint(t), ['no_such_option']), {
    code: 'refused',
    message: /no_such_option/,
  })
  const mounted = await MemoryMount.start(t)
  await t.rejects(refused(mounted.dir), { code: 'busy', message: /memory is mounted there/ })
  t.same(fs.readdirSync(mounted.dir), [], 'and what is there stays')
})

test('a mount hides what is in the directory, if asked', { skip }, async (t) => {
  const dir = fs.mkdtempSync('/tmp/walrusfs-fuse-full-')
  t.teardown(() => fs.rmSync(dir, { recursive: true }))
  fs.writeFileSync(join(dir, 'below'), 'x')
  const mounted = await MemoryMount.start(t, { mountPoint: dir, mount: { extra: ['nonempty'] } })
  t.same(fs.readdirSync(dir), [])
  await mounted.ask('unmount', false)
  t.same(fs.readdirSync(dir), ['below'])
})

test('it is mounted through a symbolic link, with an odd name', { skip }, async (t) => {
  const base = fs.mkdtempSync('/tmp/walrusfs-fuse-odd-')
  t.teardown(() => fs.rmSync(base, { recursive: true }))
  const dir = join(base, 'ö $(touch x) `y`\n -u')
  fs.mkdirSync(dir)
  fs.symlinkSync(dir, join(base, 'link'))
  const mounted = await MemoryMount.start(t, {
    mountPoint: join(base, 'link'),
    mount: { source: 'a, b\\c' },
  })
  t.match(mountAt(dir), { type: 'fuse.walrusfs', source: 'a, b\\c' })
  fs.writeFileSync(join(dir, 'f'), '')
  await mounted.ask('unmount', false)
  t.equal(mountAt(dir), undefined)
  t.same(fs.readdirSync(dir), [])
})

test('read-only', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { mount: { readOnly: true } })
  t.throws(() => fs.writeFileSync(mounted.path('f'), ''), { code: 'EROFS' })
})

test('what a dead daemon left mounted is taken away by the next mount', { skip }, async (t) => {
  const first = await MemoryMount.start(t)
  first.child.kill('SIGKILL')
  await first.ended
  t.throws(() => fs.statSync(first.dir), { code: 'ENOTCONN' })
  t.equal(await occupationOf(first.dir), 'stale')
  const second = await MemoryMount.start(t, { mountPoint: first.dir })
  fs.writeFileSync(second.path('f'), 'alive')
  t.equal(fs.readFileSync(second.path('f'), 'utf8'), 'alive')
  await second.ask('unmount', false)
  t.equal(await occupationOf(first.dir), 'free', 'nothing is left below')
})
