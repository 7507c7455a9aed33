import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import type { DriveDiff } from '../../src/daemon/past/diff-drive.ts'
import { Machine, noMounts } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

test(
  'the past of a sealed drive, which also lies in the manifest, is there for who can open it',
  { skip },
  async (t) => {
    const machine = await network!.withDrive(t, 'demo', '--no-public')
    const put = async (bytes: string | Buffer, name: string) => {
      writeFileSync(join(machine.home, name), bytes)
      await machine.ok('put', join(machine.home, name), 'demo')
    }
    const large = randomBytes(60_000)
    await put(large, 'large')
    let mount = await machine.mount()
    writeFileSync(join(mount, 'small'), 'a small change')
    await machine.ok('sync', mount)
    await machine.ok('umount', mount)
    const { id } = await machine.json<{ id: string }>('snapshot', 'demo')
    await put('later', 'later')
    mount = await machine.mount()
    rmSync(join(mount, 'small'))
    rmSync(join(mount, 'large'))
    await machine.ok('sync', mount)

    await t.test('listed, compared, collected around', async (t) => {
      t.match(await machine.json('snapshot', 'demo', '--list'), [{ id, usedBytes: 60_014 }])
      const diff = await machine.json<DriveDiff>('diff', id, '--network', 'devnet')
      t.match(diff.counts, { added: 1, removed: 2 })
      await machine.ok('devnet', 'epoch', '3')
      const gc = await machine.json<{ notes: string[] }>('gc', mount, '--keep', '1', '--yes')
      t.notMatch(gc.notes.join(' '), /no longer stored/)
      t.same(Buffer.from(await machine.ok('ls', id, '--network', 'devnet')).length > 0, true)
      t.equal((await machine.run('verify', 'demo', '--history')).code, 0)
      t.equal((await machine.run('fsck', 'demo')).code, 0)
    })

    await t.test('mounted by its id', async (t) => {
      const there = await machine.mount(id, '--network', 'devnet')
      t.equal(readFileSync(join(there, 'small'), 'utf8'), 'a small change')
      t.ok(readFileSync(join(there, 'large')).equals(large), 'which gc has kept')
      await machine.ok('umount', there)
    })

    await t.test('in .walrusfs, and restored', async (t) => {
      const [copy, back] = [join(machine.home, 'copy'), join(machine.home, 'back')]
      const states = join(mount, '.walrusfs', 'snapshots')
      const [last] = readdirSync(states).toSorted().toReversed()
      t.same(readdirSync(join(states, last!)), ['later'])
      await machine.ok('restore', `demo@${last!.split(' ')[0]}`, '/later', '--to', copy)
      t.equal(readFileSync(copy, 'utf8'), 'later')
      await machine.ok('get', id, '/large', back, '--network', 'devnet')
      t.ok(readFileSync(back).equals(large))
    })

    await t.test('and a stranger is told that it is sealed, whatever is asked', async (t) => {
      const stranger = new Machine(t, network)
      const { manifest } = await machine.json<{ manifest: string }>('status', mount)
      for (const what of [id, manifest]) {
        for (const command of [
          ['mount', what, stranger.mountPoint()],
          ['ls', what],
          ['cat', what, '/later'],
          ['log', what],
          ['diff', what],
          ['restore', `${what}@1`, '/large', '--to', join(stranger.home, 'copy')],
        ]) {
          const { code, stdout, stderr } = await stranger.run(...command, '--network', 'devnet')
          t.equal(code, 26, `${command.join(' ')}: ${stderr}`)
          t.match(stderr, /is sealed, and nothing here opens it/)
          t.equal(stderr.trim().split('\n').length, 1, stderr)
          t.equal(stdout, '')
        }
      }
    })
  },
)
