import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { abortConnection } from '../../src/fuse/mount/connection.ts'
import { mountFlagsOf } from '../../src/fuse/mount/mount-flags.ts'
import { occupationOf } from '../../src/fuse/mount/mount-point.ts'
import { mountAt, parseMountTable } from '../../src/fuse/mount/mount-table.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { makeMountPoint, MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false
const nobody = { uid: 65534, gid: 65534 }

test('the mount table is read with odd characters in it', async (t) => {
  const line = (point: string) =>
    `36 35 0:42 / ${point} rw,noatime shared:1 master:2 - fuse.walrusfs my\\040drive rw\n`
  t.same(parseMountTable(line('/a\\040b\\134c') + line('/\u00c3\u00bc')), [
    { mountPoint: '/a b\\c', device: '0:42', type: 'fuse.walrusfs', source: 'my drive' },
    { mountPoint: '/ü', device: '0:42', type: 'fuse.walrusfs', source: 'my drive' },
  ])
  t.same(parseMountTable('nonsense\n\n'), [])
})

test('options are sorted by who understands them', async (t) => {
  const options = {
    mountPoint: '/m',
    source: 'drive',
    log: silentLog,
    readOnly: false,
    allowOther: false,
  }
  const plain = mountFlagsOf({ ...options, extra: [] })
  t.same(plain, {
    flags: 6,
    data: ['default_permissions'],
    words: ['default_permissions'],
    source: 'drive',
    subtype: 'walrusfs',
    nonEmpty: false,
  })
  const all = mountFlagsOf({
    ...options,
    readOnly: true,
    allowOther: true,
    extra: [
      'dev,suid,noexec',
      'x-systemd.automount,_netdev,nofail,user',
      'max_read=65536,nonempty',
      'fsname=a\\,b,subtype=x',
    ],
  })
  t.same(all, {
    flags: 1 | 8,
    data: ['default_permissions', 'allow_other', 'max_read=65536'],
    words: ['dev', 'suid', 'noexec', 'ro', 'default_permissions', 'allow_other', 'max_read=65536'],
    source: 'a,b',
    subtype: 'x',
    nonEmpty: true,
  })
})

test('where it cannot be mounted it says why', { skip }, async (t) => {
  const refused = (mountPoint: string, mount = {}) => MemoryMount.start(t, { mountPoint, mount })
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
  await t.rejects(refused(makeMountPoint(t), { extra: ['no_such_option'] }), {
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

test('mount.fuse3 hands over a descriptor', { skip: skip || whyNoMountFuse() }, async (t) => {
  const dir = makeMountPoint(t)
  t.teardown(() => spawnSync('umount', ['-l', dir]))
  const serve = join(import.meta.dirname, 'serve-descriptor.ts')
  const wrapper = join(fs.mkdtempSync('/tmp/walrusfs-fuse-wrap-'), 'serve')
  t.teardown(() => fs.rmSync(join(wrapper, '..'), { recursive: true }))
  fs.writeFileSync(
    wrapper,
    `#!/bin/sh\nexec ${process.execPath} ${serve} "$@" >/dev/null 2>&1 </dev/null &\n`,
    { mode: 0o755 },
  )
  spawnSync('mount.fuse3', [
    `${wrapper}#drive`,
    dir,
    '-o',
    'drop_privileges,allow_other,default_permissions',
  ])
  for (let tries = 0; tries < 100 && !fs.existsSync(join(dir, 'served')); tries++) await sleep(50)
  t.equal(fs.readFileSync(join(dir, 'served'), 'utf8'), 'no capabilities: 0000000000000000')
  fs.writeFileSync(join(dir, 'f'), 'x')
  t.equal(spawnSync('umount', [dir]).status, 0)
})

test('a plain user mounts', { skip: skip || whyNoUser() }, async (t) => {
  const mode = fs.statSync('/dev/fuse').mode & 0o777
  if (process.getuid?.() === 0) {
    fs.chmodSync('/dev/fuse', 0o666)
    t.teardown(() => fs.chmodSync('/dev/fuse', mode))
  }
  const dir = makeMountPoint(t)
  fs.chownSync(dir, nobody.uid, nobody.gid)
  const mounted = await MemoryMount.start(t, { mountPoint: dir, as: nobody })
  t.match(mountAt(dir), { type: 'fuse.walrusfs', source: 'memory' })
  const asNobody = (command: string) =>
    spawnSync('sh', ['-ec', command], { ...nobody, cwd: '/', encoding: 'utf8' })
  t.equal(
    asNobody(`echo hello > '${dir}/f'; cat '${dir}/f'; stat -c %u '${dir}/f'`).stdout,
    'hello\n65534\n',
  )
  t.equal(asNobody(`chmod 000 '${dir}/f'; cat '${dir}/f'`).status, 1, 'modes are obeyed')
  t.throws(() => fs.statSync(mounted.path('f')), { code: 'EACCES' }, 'and it is theirs alone')
  await mounted.ask('unmount', false)
  await mounted.ended
  t.equal(mountAt(dir), undefined)

  await t.rejects(
    MemoryMount.start(t, { mountPoint: dir, as: nobody, mount: { allowOther: true } }),
    { code: 'allow-other', message: /user_allow_other/ },
  )
})

/** Why nobody can mount here; undefined if they can. */
function whyNoUser(): string | false {
  if (process.getuid?.() !== 0) return 'the plain user is the one of the other tests'
  if (spawnSync('fusermount3', ['-V']).error) return 'needs fusermount3'
  const { uid, gid } = nobody
  const reads = spawnSync(process.execPath, [join(import.meta.dirname, 'memory-node.ts')], {
    uid,
    gid,
    cwd: '/',
  })
  return reads.status === 0 ? false : 'nobody may not read this checkout or run this Node'
}

function whyNoMountFuse(): string | false {
  if (process.getuid?.() !== 0) return 'needs root'
  return spawnSync('mount.fuse3', ['-V']).error ? 'needs mount.fuse3' : false
}
