import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import tap, { test } from 'tap'
import { exitCodes } from '../../src/terms/trouble.ts'
import { isMounted, Machine, noMounts, scratch, tool } from './machine.ts'

const mountFuse = '/usr/sbin/mount.fuse3'
const program = resolve(import.meta.dirname, '../../src/cli/main.ts')
const skip =
  noMounts() || (process.getuid?.() !== 0 && 'only root') || (!existsSync(mountFuse) && 'no fuse3')
const network = skip ? undefined : await Machine.withDevnet(tap)

test('mount.fuse3 mounts as root for a daemon without privileges', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const nobody = Number(tool('id', ['-u', 'nobody']))
  tool('chown', ['-R', 'nobody', machine.home])
  const command = join(scratch(t), 'walrusfs')
  chmodSync(join(command, '..'), 0o755)
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, { mode: 0o755 })
  const path = machine.mountPoint()
  const mount = (options: string) =>
    machine.runs(mountFuse, [
      `${command}#demo`,
      path,
      '-o',
      `drop_privileges,setuid=nobody${options}`,
    ])

  const open = await mount(',allow_other')
  t.match(open.stderr, /default_permissions/, 'a mount that anybody could change is refused')
  t.not(open.code, 0)
  tool('umount', ['-l', path])

  const { code, stdout, stderr } = await mount(',allow_other,default_permissions')
  t.equal(code, 0, stderr)
  t.equal(stdout, '', 'like other helpers it says nothing')
  t.equal(tool('stat', ['-c', '%u', `/proc/${await machine.pidOf(path)}`]).trim(), String(nobody))
  writeFileSync(join(path, 'file'), 'as root, through a daemon of nobody')
  chownSync(join(path, 'file'), 1234, 1234)
  t.equal(readFileSync(join(path, 'file'), 'utf8'), 'as root, through a daemon of nobody')
  chownSync(path, 0, 0)
  chmodSync(path, 0o700)
  writeFileSync(join(path, 'file'), 'the daemon may not ask the kernel for this')
  const { code: refused, stderr: why } = await machine.run('sync', path)
  t.equal(refused, exitCodes.undrained, 'so it does not say that it is stored')
  t.match(why, /did not hand over/)
  chmodSync(path, 0o755)
  const remount = (how: string) => machine.runs(mountFuse, [`${command}#demo`, path, '-o', how])
  t.equal((await remount('remount,ro')).code, 0)
  t.throws(() => writeFileSync(join(path, 'file'), ''), { code: 'EROFS' }, 'remounted read-only')
  t.equal((await remount('remount,rw')).code, 0)
  writeFileSync(join(path, 'file'), 'writable again')
  await machine.ok('umount', path)
  t.notOk(isMounted(path), 'root took the mount away')
})
