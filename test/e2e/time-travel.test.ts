import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import type { RestoreReport } from '../../src/control/restore-report.ts'
import type { ChangeRow } from '../../src/daemon/past/change-rows.ts'
import type { DriveDiff } from '../../src/daemon/past/diff-drive.ts'
import type { PastCommit } from '../../src/daemon/past/past-commits.ts'
import type { SnapshotRow } from '../../src/daemon/past/snapshots.ts'
import { setPathXattr } from '../../src/runtime/path-attributes.ts'
import { exitCodes, type TroubleCode } from '../../src/terms/trouble.ts'
import { Machine, noMounts, tool } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)
const skip = noMounts()

async function refused(
  t: Test,
  machine: Machine,
  code: TroubleCode,
  message: RegExp,
  ...args: string[]
): Promise<void> {
  const ended = await machine.run(...args)
  t.match(ended.stderr, message, args.join(' '))
  t.equal(ended.code, exitCodes[code], args.join(' '))
  t.equal(ended.stderr.trimEnd().split('\n').length, 1, 'in one line')
}

/** Its extended attributes, as an archive has them: a line each. */
function xattrsOf(path: string): string {
  return tool('tar', ['-c', '--xattrs', '--no-recursion', '-P', path]).replaceAll(
    'SCHILY.xattr.',
    '',
  )
}

test('the past of a drive', { skip }, async (t) => {
  const machine = await network!.withDrive(t, 'demo', '--public')
  const here = await machine.mount('demo', '--writeback-delay', '1h', '--append-delay', '1h')
  const sync = async () => Number((await machine.json<{ sequence: string }>('sync', here)).sequence)
  mkdirSync(join(here, 'docs/old'), { recursive: true })
  writeFileSync(join(here, 'docs/large'), randomBytes(300_000))
  writeFileSync(join(here, 'docs/old/note'), 'first')
  tool('ln', [join(here, 'docs/old/note'), join(here, 'docs/link')])
  tool('truncate', ['-s', '10M', join(here, 'docs/sparse')])
  appendFileSync(join(here, 'docs/sparse'), 'end')
  symlinkSync('old/note', join(here, 'docs/symlink'))
  const color = Buffer.from('user.color')
  t.ok(setPathXattr(Buffer.from(join(here, 'docs/old')), color, Buffer.from('blue')))
  const copy = join(machine.home, 'first')
  tool('cp', ['-a', join(here, 'docs'), copy])
  const first = await sync()
  renameSync(join(here, 'docs/old'), join(here, 'docs/new'))
  writeFileSync(join(here, 'docs/new/note'), 'second')
  rmSync(join(here, 'docs/large'))
  writeFileSync(join(here, 'more'), randomBytes(50_000))
  const second = await sync()
  writeFileSync(join(here, 'small'), 'one')
  const third = await sync()
  writeFileSync(join(here, 'small'), 'two')
  const fourth = await sync()

  await t.test('each sequence number is what it was, small changes too', async (t) => {
    t.same([first, second, third, fourth], [1, 2, 3, 4])
    const log = await machine.json<PastCommit[]>('log', 'demo')
    t.same(
      log.map(({ sequence }) => sequence),
      [4, 3, 2, 1],
    )
    t.equal(await machine.ok('cat', 'demo@1', '/docs/old/note'), 'first')
    t.equal(await machine.ok('cat', 'demo@3', '/small'), 'one')
    t.same((await machine.ok('ls', 'demo@2')).split('\n'), ['docs', 'more', ''])
    const at = new Date(log[1]!.timeMs).toISOString()
    t.equal(await machine.ok('cat', `demo@${at}`, '/small'), 'one', 'by its time, too')
    t.equal(await machine.ok('cat', 'demo@0s', '/small'), 'two')
    await machine.ok('get', 'demo@1', '/docs', join(machine.home, 'got'))
    tool('diff', ['-r', copy, join(machine.home, 'got')])
    t.match(await machine.json('verify', 'demo@1'), { verdict: 'ok', drive: 'demo@1', sequence: 1 })
    t.match(await machine.json('verify', 'demo@3'), { verdict: 'ok', sequence: 2 })
  })

  await t.test('what is not to be had is told in one line', async (t) => {
    await refused(t, machine, 'not-found', /not come to sequence 9 yet/, 'ls', 'demo@9')
    await refused(t, machine, 'not-found', /nothing from before 2020/, 'ls', 'demo@2020-01-01')
    await refused(t, machine, 'usage', /@nonsense is no moment/, 'ls', 'demo@nonsense')
    await refused(t, machine, 'usage', /leave @/, 'gc', 'demo@1')
    await refused(t, machine, 'read-only', /a past state of demo/, 'put', copy, 'demo@1')
  })

  await t.test('log says who changed what, and when', async (t) => {
    const log = await machine.json<PastCommit[]>('log', here, '--names')
    t.same(
      log.map(({ sequence, changes, whole }) => ({ sequence, whole, ...changes })),
      [
        { sequence: 4, whole: true, added: 0, removed: 0, changed: 1, moved: 0 },
        { sequence: 3, whole: true, added: 1, removed: 0, changed: 0, moved: 0 },
        { sequence: 2, whole: true, added: 1, removed: 1, changed: 2, moved: 1 },
        { sequence: 1, whole: true, added: 7, removed: 0, changed: 0, moved: 0 },
      ],
    )
    const short = ({ change, path }: ChangeRow) => `${change} ${path}`
    t.same(log[2]!.paths!.map(short), [
      'removed /docs/large',
      'changed /docs/link',
      'moved /docs/new',
      'changed /docs/new/note',
      'added /more',
    ])
    t.match(
      await machine.ok('log', 'demo', '-n1'),
      /^ {5}4 {2}\S+Z {2}\S+ {2}\+0 -0 M1 R0 .*manifest$/m,
    )
    const large = await machine.json<PastCommit[]>('log', 'demo', '/docs/large')
    t.same(
      large.map(({ sequence }) => sequence),
      [2, 1],
    )
    await refused(t, machine, 'not-found', /has changed \/nothing/, 'log', 'demo', '/nothing')
  })

  await t.test('diff says what differs between any two states', async (t) => {
    t.equal(
      await machine.ok('diff', 'demo@1', '@3'),
      [
        '- /docs/large  293 KiB',
        'M /docs/link  5 B -> 6 B',
        'R /docs/old/ -> /docs/new/',
        'M /docs/new/note  5 B -> 6 B',
        '+ /more  48.8 KiB',
        '+ /small  3 B',
        '',
      ].join('\n'),
    )
    const back = await machine.json<DriveDiff>('diff', 'demo@4', 'demo@0')
    t.match(back, { from: { sequence: 4 }, to: { sequence: 0 }, counts: { removed: 8 } })
    t.equal((await machine.run('diff', 'demo@3', '--exit-code')).code, 1)
    t.equal((await machine.run('diff', 'demo@4', '--exit-code')).code, 0)
    await refused(t, machine, 'usage', /say since when/, 'diff', 'demo')
  })

  await t.test('a mount of it stays there, read-only, beside that of the drive', async (t) => {
    const there = await machine.mount('demo@1')
    t.same(readdirSync(there), ['docs'])
    tool('diff', ['-r', copy, join(there, 'docs')])
    t.equal(statSync(join(there, 'docs/link')).ino, statSync(join(there, 'docs/old/note')).ino)
    t.throws(() => writeFileSync(join(there, 'x'), 'x'), { code: 'EROFS' })
    t.match(await machine.status(there), { drive: 'demo@1', readOnly: true, sequence: '1' })
    t.match(await machine.status('demo'), { drive: 'demo', sequence: '4' })
    writeFileSync(join(here, 'later'), 'later')
    await sync()
    t.same(readdirSync(there), ['docs'])
    await machine.ok('umount', there)
  })

  await t.test('restore --to brings back all of it, to the nanosecond', async (t) => {
    const to = join(machine.home, 'restored')
    mkdirSync(to)
    t.match(await machine.ok('restore', 'demo@1', '/docs', '--to', to), /docs: 3 files, 10.3 MiB$/m)
    const docs = join(to, 'docs')
    tool('diff', ['-r', '--no-dereference', copy, docs])
    for (const name of ['', 'old', 'old/note', 'large', 'sparse', 'symlink']) {
      const [was, is] = [copy, docs].map((top) => lstatSync(join(top, name), { bigint: true }))
      t.equal(is!.mtimeNs, was!.mtimeNs, name)
      t.equal(is!.mode, was!.mode, name)
    }
    t.equal(statSync(join(docs, 'link')).ino, statSync(join(docs, 'old/note')).ino)
    t.ok(statSync(join(docs, 'sparse')).blocks < 100, 'holes are holes')
    t.match(xattrsOf(join(docs, 'old')), /user.color=blue/)
    await refused(t, machine, 'usage', /say where to/, 'restore', 'demo@1', '/docs')
    await refused(t, machine, 'usage', /say of when/, 'restore', 'demo', '/docs', '--in-place')
  })

  await t.test('restore --in-place uploads nothing, and the mount shows it', async (t) => {
    writeFileSync(join(here, 'frozen'), randomBytes(80_000))
    await sync()
    readdirSync(here)
    t.notOk(existsSync(join(here, 'docs/large')), 'the kernel knows that it is not there')
    const { writeback } = await machine.status(here)
    const done = await machine.json<RestoreReport>('restore', 'demo@1', '/docs', '--in-place')
    t.match(done, { path: '/docs', files: 4, directories: 2, sequence: '7' })
    t.match(done.kept, /^\/docs \(before restore 20[\dT-]+\)$/)
    tool('diff', ['-r', '--no-dereference', copy, join(here, 'docs')])
    t.equal(statSync(join(here, 'docs/link')).ino, statSync(join(here, 'docs/old/note')).ino)
    t.match(xattrsOf(join(here, 'docs/old')), /user.color=blue/)
    t.equal(readFileSync(join(here, done.kept!, 'new/note'), 'utf8'), 'second')
    const after = (await machine.status(here)).writeback
    t.equal(after.uploadedBytes, writeback.uploadedBytes, 'one small change in the manifest')
    await machine.ok('restore', 'demo@1', '/docs/large', '--into-drive', '/deep/down/large')
    const [large, again] = ['docs/large', 'deep/down/large'].map((name) =>
      readFileSync(join(here, name)),
    )
    t.ok(large!.equals(again!))
  })

  await t.test('the mount itself shows its past, hidden and read-only', async (t) => {
    const past = join(here, '.walrusfs/snapshots')
    t.notOk(readdirSync(here).includes('.walrusfs'))
    t.same(
      readdirSync(past)
        .map(Number)
        .sort((a, b) => a - b),
      [1, 2, 6, 7, 8],
    )
    tool('diff', ['-r', '--no-dereference', copy, join(past, '1/docs')])
    const log = await machine.json<PastCommit[]>('log', here)
    t.equal(statSync(join(past, '6')).mtimeMs, log.find(({ sequence }) => sequence === 6)!.timeMs)
    const copied = join(machine.home, 'copied')
    tool('cp', ['-a', join(past, '1/docs'), copied])
    tool('diff', ['-r', '--no-dereference', copy, copied])
    t.equal(statSync(join(copied, 'link')).ino, statSync(join(copied, 'old/note')).ino)
    t.equal(tool('find', [past, '-name', 'large']).trim().split('\n').length, 4)
    const [then, now] = [join(past, '8/docs/large'), join(here, 'docs/large')].map((path) =>
      statSync(path),
    )
    t.not(then!.ino, now!.ino)
    t.throws(() => writeFileSync(join(past, '1/docs/x'), 'x'), { code: 'EROFS' })
    t.throws(() => unlinkSync(join(past, '1/docs/large')), { code: 'EROFS' })
    t.notOk(existsSync(join(past, '9')))
    writeFileSync(join(here, 'ninth'), 'ninth')
    t.equal(await sync(), 9)
    t.equal(
      readFileSync(join(past, '9/ninth'), 'utf8'),
      'ninth',
      'as soon as there is such a state',
    )
    tool('cp', [join(past, '1/docs/large'), join(here, 'copy')])
    t.ok(readFileSync(join(here, 'copy')).equals(readFileSync(join(copy, 'large'))))
    rmSync(join(here, 'copy'))
  })

  await t.test('a frozen snapshot is mounted by anybody, and outlives a gc', async (t) => {
    t.same(await machine.json<SnapshotRow[]>('snapshot', 'demo', '--list'), [])
    writeFileSync(join(here, 'dirty'), 'dirty')
    const { stderr } = await machine.run('snapshot', here)
    t.match(stderr, / of demo are only on this machine, and not in the snapshot/)
    const row = await machine.json<SnapshotRow>('snapshot', here, '--sync')
    t.match(row, { sequence: 10 })
    const bytes = readFileSync(join(here, 'frozen'))
    for (const name of readdirSync(here)) rmSync(join(here, name), { recursive: true })
    writeFileSync(join(here, 'new'), randomBytes(50_000))
    const last = await sync()
    const list = await machine.json<SnapshotRow[]>('snapshot', 'demo', '--list')
    t.same(
      list.map(({ sequence }) => sequence),
      [9, 10],
    )
    t.match(await machine.ok('diff', row.id, '--network', 'devnet'), /^- \/frozen {2}78.1 KiB$/m)
    await machine.ok('gc', here, '--keep', '0s', '--yes')

    const stranger = new Machine(t, machine)
    rmSync(join(stranger.home, 'config/keys'), { recursive: true })
    const there = await stranger.mount(row.id, '--network', 'devnet')
    t.ok(readFileSync(join(there, 'frozen')).equals(bytes))
    tool('diff', ['-r', '--no-dereference', copy, join(there, 'docs')])
    t.throws(() => writeFileSync(join(there, 'x'), 'x'), { code: 'EROFS' })
    await stranger.ok('umount', there)
    t.match(await stranger.ok('ls', `${row.id}@9`, '--network', 'devnet'), /later/)
    const id = (await machine.status(here)).manifest!
    const point = stranger.mountPoint()
    await refused(t, stranger, 'no-key', /--read-only/, 'mount', id, point, '--network', 'devnet')
    await refused(t, stranger, 'no-key', /the key demo is not here/, 'snapshot', 'demo')

    await machine.ok('umount', here)
    const into = ['--into-drive', '/again/new']
    t.match(await machine.json('restore', `demo@${last}`, '/new', ...into), { files: 1 })
    t.match(await machine.json('log', 'demo', '-n1'), [{ changes: { added: 2, moved: 0 } }])
    t.match(await machine.json('ls', 'demo', '/again'), [{ name: 'new', size: 50_000 }])
  })
})
