import { test } from 'tap'
import { withoutPrivileges } from '../../src/vfs/privileges.ts'
import { alice, O, root } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

const suid = 0o106755

async function armed(drive: Drive, mode = suid) {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  await drive.set(id, { mode })
  await drive.setxattr(id, 'security.capability', 'all of them')
  const hasCapability = async () => (await drive.fs.listxattr(id, root)).length > 0
  return { id, handle, hasCapability, mode: async () => (await drive.stat(id)).mode }
}

test('setgid stays without group execute, and on directories', async (t) => {
  t.equal(withoutPrivileges(0o106755), 0o100755)
  t.equal(withoutPrivileges(0o106745), 0o102745)
  t.equal(withoutPrivileges(0o046755), 0o046755)
})

const calls: Record<string, (drive: Drive, id: number, handle: number) => unknown> = {
  write: (drive, id, handle) => drive.write(id, handle, 0, 'x', { caller: alice }),
  truncate: (drive, id) => drive.set(id, { size: 2 }, alice),
  O_TRUNC: (drive, id) => drive.open(id, O.RDWR | O.TRUNC, alice),
  'fallocate that extends': (drive, id, handle) =>
    drive.fs.fallocate(id, handle, 0, 0, 10_000, alice),
  punch: (drive, id, handle) => drive.fs.fallocate(id, handle, 3, 0, 1, alice),
  copy: (drive, id, handle) => drive.fs.copyFileRange(id, handle, 0, id, handle, 100, 3, alice),
}

for (const [what, call] of Object.entries(calls)) {
  scenario(`${what} by a plain user takes privileges away`, async (t, drive) => {
    const file = await armed(drive)
    await call(drive, file.id, file.handle)
    t.equal(await file.mode(), 0o100755)
    t.notOk(await file.hasCapability())
  })
}

scenario('write by root takes capabilities only', async (t, drive) => {
  const file = await armed(drive)
  await drive.write(file.id, file.handle, 0, 'x', { caller: root })
  t.equal(await file.mode(), suid)
  t.notOk(await file.hasCapability())
})

scenario('a page written back takes capabilities only', async (t, drive) => {
  const file = await armed(drive)
  await drive.write(file.id, file.handle, 0, 'x', { cached: true, caller: alice })
  t.equal(await file.mode(), suid)
  t.notOk(await file.hasCapability())
})

scenario('chown takes privileges away, of root, too', async (t, drive) => {
  const file = await armed(drive)
  await drive.set(file.id, { uid: 5 }, root)
  t.equal(await file.mode(), 0o100755)
  t.notOk(await file.hasCapability())
})

scenario('chown with a mode sets that mode', async (t, drive) => {
  const file = await armed(drive)
  await drive.set(file.id, { uid: 5, mode: 0o4700 }, root)
  t.equal(await file.mode(), 0o104700)
})

scenario('a setattr of nothing is how the kernel asks before a write', async (t, drive) => {
  const file = await armed(drive)
  const before = await drive.stat(file.id)
  drive.clock.ms += 1000
  t.match(await drive.set(file.id, {}, root), { mode: suid, mtimeSec: before.mtimeSec })
  t.notOk(await file.hasCapability())
  t.match(await drive.set(file.id, {}, alice), { mode: 0o100755, mtimeSec: before.mtimeSec })
  const after = await drive.stat(file.id)
  drive.clock.ms += 1000
  t.same(await drive.set(file.id, {}, alice), after, 'nothing to take, nothing changes')
})

scenario('the kernel can ask for it', async (t, drive) => {
  const file = await armed(drive)
  await drive.set(file.id, { size: 1, killPrivileges: true }, root)
  t.equal(await file.mode(), 0o100755)
})

scenario('chown of a directory keeps its bits', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.set(dir, { mode: 0o6755 })
  await drive.set(dir, { gid: 5 })
  t.equal((await drive.stat(dir)).mode, 0o046755)
})
