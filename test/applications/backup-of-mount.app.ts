import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { scratch, tool, type Machine } from '../e2e/machine.ts'
import { makeOddTree } from '../e2e/odd-tree.ts'
import { lacking, nightlyNetwork } from './nightly.ts'

const network = await nightlyNetwork()
const acl = { setfacl: 'acl', setfattr: 'attr' }

/** A tree on a mount, everything of it committed. It ends with a file that may look new the next time. */
async function prepare(t: Test) {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  const tree = join(mount, 'tree')
  makeOddTree(tree, 200)
  await machine.ok('sync', mount)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  writeFileSync(join(tree, 'newest'), 'a file as new as the backup is read again by some tools')
  const host = scratch(t)
  return { machine, mount, tree, host }
}

/** The same path, on a machine that knows nothing of the drive. */
async function mountAnew(machine: Machine, mount: string): Promise<void> {
  await machine.ok('sync', mount)
  await machine.ok('umount', mount)
  machine.forget()
  await machine.ok('mount', 'demo', mount)
}

test(
  'borg finds nothing new after a mount from nothing',
  { skip: lacking({ ...acl, borg: 'borgbackup' }) },
  async (t) => {
    const { machine, mount, tree, host } = await prepare(t)
    const env = {
      ...process.env,
      BORG_BASE_DIR: host,
      BORG_REPO: join(host, 'archive'),
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    }
    const borg = (...args: string[]) =>
      tool('sh', ['-c', 'borg "$@" 2>&1', 'borg', ...args], { env })
    borg('init', '--encryption', 'none')
    borg('create', '::first', tree)
    await mountAnew(machine, mount)
    const news = borg('create', '--list', '--filter', 'AMCE', '::second', tree).split('\n')
    t.same(
      news.filter((line) => line !== '' && !line.endsWith('/newest')),
      [],
    )
  },
)

test(
  'restic finds nothing new after a mount from nothing',
  { skip: lacking({ ...acl, restic: 'restic' }) },
  async (t) => {
    const { machine, mount, tree, host } = await prepare(t)
    const common = ['--repo', join(host, 'archive'), '--cache-dir', join(host, 'cache')]
    const restic = (...args: string[]) =>
      tool('restic', [...common, '--password-command', 'echo secret', ...args])
    restic('init')
    restic('backup', tree)
    await mountAnew(machine, mount)
    const summary: unknown = JSON.parse(restic('backup', '--json', tree).trim().split('\n').at(-1)!)
    t.match(summary, { message_type: 'summary', files_new: 0, files_changed: 0 })
  },
)

test(
  'tar writes an empty increment after a mount from nothing',
  { skip: lacking({ ...acl, tar: 'tar' }) },
  async (t) => {
    const { machine, mount, tree, host } = await prepare(t)
    // The number of the mounted device is another at each mount, as with every network drive.
    const flags = ['--no-check-device', `--listed-incremental=${join(host, 'state')}`, '-C', tree]
    tool('tar', ['--create', '-f', join(host, '0.tar'), ...flags, '.'])
    await mountAnew(machine, mount)
    tool('tar', ['--create', '-f', join(host, '1.tar'), ...flags, '.'])
    const files = tool('tar', ['--list', '-f', join(host, '1.tar')]).split('\n')
    t.same(
      files.filter((name) => name !== '' && !name.endsWith('/')),
      [],
    )
  },
)

test(
  'rsync --link-dest links everything to the backup before',
  { skip: lacking({ ...acl, rsync: 'rsync' }) },
  async (t) => {
    const { machine, mount, tree } = await prepare(t)
    const [first, second] = ['first', 'second'].map((day) => join(mount, day))
    tool('rsync', ['-aHAX', `${tree}/`, first!])
    await mountAnew(machine, mount)
    tool('rsync', ['-aHAX', '--link-dest=../first', `${tree}/`, second!])
    await mountAnew(machine, mount)
    const alone = tool('find', [second!, '-type', 'f', '-links', '1'])
    t.equal(alone, '')
    t.ok(existsSync(join(second!, 'newest')))
  },
)
