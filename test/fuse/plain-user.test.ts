import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { mountAt } from '../../src/fuse/mount/mount-table.ts'
import { makeMountPoint, MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false
const nobody = { uid: 65534, gid: 65534 }

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
