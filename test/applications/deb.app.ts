import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import tap, { test } from 'tap'
import { finish, Machine, noMounts, tool, until } from '../e2e/machine.ts'
import { CleanRoot } from './clean-root.ts'
import { UnitFile } from './unit-file.ts'

const checkout = resolve(import.meta.dirname, '../..')
const skip = noMounts() || (process.getuid?.() !== 0 && 'only root')
const network = skip ? undefined : await Machine.withDevnet(tap)

/** Makes the package and gives its path. */
function built(...args: string[]): string {
  tool('npm', ['run', '-s', 'deb', '--', '--fast', ...args], { cwd: checkout })
  const [file] = readdirSync(join(checkout, 'dist')).filter((name) => name.endsWith('.deb'))
  return join(checkout, 'dist', file!)
}

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
}

/** What systemd hears of a service of Type=notify. */
function notified(t: { teardown(undo: () => unknown): void }, socket: string): () => string {
  const listen = `socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un($ARGV[0])) or die $!;
    chmod 0777, $ARGV[0]; $| = 1; while (defined recv(S, $m, 4096, 0)) { print "$m\\n" }`
  const perl = spawn('perl', ['-MSocket', '-e', listen, socket])
  let heard = ''
  perl.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text))
  t.teardown(() => perl.kill())
  return () => heard
}

test(
  'the package installs in a clean Debian, its unit mounts, and drains when it is stopped',
  { skip },
  async (t) => {
    t.setTimeout(1_500_000)
    const machine = await network!.withDrive(t)
    const file = built()
    const first = digest(file)
    const root = CleanRoot.open(t)
    cpSync(file, join(root.path, 'tmp/walrusfs.deb'))
    await root.ok('dpkg', '-i', '/tmp/walrusfs.deb')

    await t.test('what is installed', async (t) => {
      t.equal((await root.ok('walrusfs', '--version')).trim(), '0.1.0')
      t.equal(
        await root.ok('dpkg', '--verify', 'walrusfs'),
        '',
        'every file is as the package says',
      )
      t.notOk(existsSync(join(root.path, 'usr/bin/node')), 'there is no other Node.js')
      for (const path of [
        'usr/sbin/mount.walrusfs',
        'usr/share/man/man1/walrusfs-mount.1.gz',
        'usr/share/man/man8/mount.walrusfs.8.gz',
        'usr/share/bash-completion/completions/walrusfs',
        'usr/share/zsh/vendor-completions/_walrusfs',
        'usr/share/fish/vendor_completions.d/walrusfs.fish',
        'usr/share/doc/walrusfs/copyright',
        'usr/lib/systemd/user/walrusfs@.service',
      ]) {
        t.ok(existsSync(join(root.path, path)), path)
      }
    })

    cpSync(join(machine.home, 'config'), join(root.path, 'etc/walrusfs'), { recursive: true })
    await root.ok('chown', '-R', 'walrusfs:', '/etc/walrusfs')

    await t.test('the unit', async (t) => {
      const unit = new UnitFile(join(root.path, 'usr/lib/systemd/system/walrusfs@.service'), 'demo')
      const heard = notified(t, join(root.path, 'run/notify'))
      const env = {
        ...unit.environment('WALRUSFS_WRITEBACK_DELAY=1h\nWALRUSFS_APPEND_DELAY=off\n'),
        NOTIFY_SOCKET: '/run/notify',
      }
      for (const kind of ['StateDirectory', 'CacheDirectory'] as const) {
        const parent = { StateDirectory: 'var/lib', CacheDirectory: 'var/cache' }[kind]
        for (const name of unit.all(kind)) mkdirSync(join(root.path, parent, name), { mode: 0o700 })
      }
      const once = async (key: string) => {
        for (const args of unit.commands(key, env))
          t.equal((await finish(root.start(args, env))).code, 0, args.join(' '))
      }
      await once('ExecStartPre')
      const service = root.start(unit.commands('ExecStart', env)[0]!, env)
      const ended = finish(service)
      t.teardown(() => endGroup(service.pid!))
      await until(() => heard().includes('READY=1') || service.exitCode !== null, 'READY=1')
      t.equal(service.exitCode, null)
      t.ok(root.isMounted('srv/demo'), 'it says that it is ready when it is mounted')
      const user = await root.ok('walrusfs', 'status', '/srv/demo', '--json')
      const { pid, health } = JSON.parse(user) as { pid: number; health: string }
      t.equal(health, 'ok')
      const uid = (await root.ok('id', '-u', 'walrusfs')).trim()
      t.equal(tool('stat', ['-c', '%u', `/proc/${pid}`]).trim(), uid, 'the daemon is no root')
      t.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /CapEff:\s+0+$/m)
      t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^\/usr\/lib\/walrusfs\/node\0/)
      writeFileSync(join(root.path, 'srv/demo/file'), 'only here until it stops')
      await t.rejects(machine.ok('cat', 'demo', '/file'), 'it is not stored yet')

      // systemd tells every process of the unit's control group.
      process.kill(-service.pid!, 'SIGTERM')
      const { code, stderr } = await ended
      t.ok(code === 0 || service.signalCode === 'SIGTERM', `a clean end to systemd: ${stderr}`)
      await until(() => !existsSync(`/proc/${pid}`), 'the daemon to end')
      t.match(heard(), /STOPPING=1/)
      await once('ExecStopPost').catch(() => {})
      t.notOk(root.isMounted('srv/demo'))
      t.equal(await machine.ok('cat', 'demo', '/file'), 'only here until it stops', 'drained')
    })

    await t.test('mount(8) with the helper, and umount(8)', async (t) => {
      await root.ok('mkdir', '-p', '/srv/other')
      const options = 'allow_other,uid=walrusfs,_netdev,nofail,x-systemd.automount'
      const line = `demo /srv/other walrusfs ${options} 0 0\n`
      writeFileSync(join(root.path, 'etc/fstab'), line)
      const { code, stdout, stderr } = await root.run('mount', '/srv/other')
      t.equal(code, 0, stderr)
      t.equal(stdout, '')
      t.ok(root.isMounted('srv/other'))
      t.equal(readFileSync(join(root.path, 'srv/other/file'), 'utf8'), 'only here until it stops')
      writeFileSync(join(root.path, 'srv/other/more'), 'by mount(8)')
      await root.ok('walrusfs', 'umount', '/srv/other')
      t.notOk(root.isMounted('srv/other'))
      t.equal(await machine.ok('cat', 'demo', '/more'), 'by mount(8)')
    })

    await t.test('it goes away and leaves what may be the only copy', async (t) => {
      await root.ok('dpkg', '--purge', 'walrusfs')
      t.notOk(existsSync(join(root.path, 'usr/lib/walrusfs')))
      t.ok(existsSync(join(root.path, 'var/lib/walrusfs')))
      t.ok(existsSync(join(root.path, 'etc/walrusfs/keys/demo')))
    })

    await t.test('the same sources make the same package', async (t) => {
      t.equal(digest(built()), first)
    })
  },
)
