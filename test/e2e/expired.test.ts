import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { ReviveReport } from '../../src/control/revive-report.ts'
import type { DriveCost } from '../../src/daemon/drive-cost.ts'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { Machine, noMounts, tool, until } from './machine.ts'

const never = new AbortController().signal
const files = new Map([
  ['large', randomBytes(2_000_000)],
  ['unread', randomBytes(3_000_000)],
  ['names/text', Buffer.from('the same line\n'.repeat(4000))],
])

function commits(machine: Machine): Promise<{ readonly blob?: string }[]> {
  return machine.json('log', 'demo')
}

/** A name that would clear a terminal and pass for two lines. */
const hostile = 'names/evil\x1b[2J\nname'

function readAll(mount: string): void {
  for (const [name, bytes] of files) {
    if (!readFileSync(join(mount, name)).equals(bytes)) throw new Error(`${name} is another`)
  }
}

test(
  'what has ended is said, and comes back from the cache of whoever wrote it, or has read it all',
  { skip: noMounts() },
  async (t) => {
    const machine = new Machine(t)
    await machine.startDevnet()
    await machine.create()
    const devnet = DevnetClient.open(join(machine.home, 'devnet'))
    const options = ['--no-auto-renew', '--epochs', '3', '--renew-check', '500ms']
    const mount = await machine.mount('demo', ...options, '--append-delay', 'off')
    mkdirSync(join(mount, 'names'))
    for (const [name, bytes] of files) writeFileSync(join(mount, name), bytes)
    writeFileSync(join(mount, hostile), 'x')
    await machine.ok('sync', mount)
    const listed = await machine.ok('ls', 'demo', '/names')
    t.same(listed.trimEnd().split('\n').sort(), [String.raw`evil\u001b[2J\nname`, 'text'])
    const other = new Machine(t, machine)
    const there = await other.mount('demo', '--read-only')
    t.ok(readFileSync(join(there, 'large')).equals(files.get('large')!))
    const before = await machine.json<DriveCost>('cost', 'demo')

    const ended = await devnet.advanceEpoch(4, never)
    const ends = async () => (await machine.status(mount)).renewal?.ended === before.blobs
    await until(ends, 'the daemon to see it')
    t.match((await machine.status(mount)).problems[0], /has ended with epoch \d+.*walrusfs revive/)
    readAll(mount)
    // Past the kernel's pages: from the cache of this machine.
    tool('dd', ['if=' + join(there, 'large'), 'of=/dev/null', 'iflag=direct', 'bs=1M'])
    t.throws(() => readFileSync(join(there, 'unread')), { code: 'EIO' })
    const said = readFileSync(join(other.home, 'state/demo/daemon.log'), 'utf8')
    t.match(said, /a piece could not be read.*the network does not know blob/)
    const checked = await machine.run('fsck', 'demo')
    t.match(checked.stdout, /ended with epoch.*3 files.*revive/)
    t.equal(checked.code, 13)
    const verified = await machine.run('verify', 'demo')
    t.match(verified.stdout, /ended with epoch.*3 files.*revive/)
    t.equal(verified.code, 13)

    const stranger = await new Machine(t, machine).run('ls', 'demo')
    t.equal(stranger.code, 13)
    t.match(stranger.stderr, /root record.*walrusfs revive demo on a machine/)

    const partial = await other.json<ReviveReport>('revive', 'demo')
    t.match(partial, { dryRun: true, lost: [{ copy: 'partial' }], lostNodes: 1 })
    t.ok(partial.lost[0]!.paths.includes('/unread'), partial.lost[0]!.paths.join())
    const nothing = await other.run('revive', 'demo', '--yes')
    t.equal(nothing.code, 13)
    t.match(nothing.stdout, /lacks .*\/unread/)

    const plan = await machine.json<ReviveReport>('revive', mount)
    t.match(plan, { dryRun: true, epoch: ended, lost: [{ copy: 'file', revived: false }] })
    t.match(await machine.ok('revive', mount), /--yes does it/)
    const wal = async () => BigInt((await machine.json<DriveCost>('cost', 'demo')).balance!)
    const paid = await wal()
    const done = await machine.json<ReviveReport>('revive', mount, '--yes')
    t.match(done, { dryRun: false, revived: plan.lost.length, commits: 1 })
    t.equal(String(paid - (await wal())), plan.cost, 'it costs what was said')
    t.ok(readFileSync(join(there, 'unread')).equals(files.get('unread')!), 'there, at once')
    t.match(await machine.status(mount), { health: 'ok', problems: [], renewal: { ended: 0 } })
    t.match(await machine.json('verify', 'demo'), { verdict: 'ok', problems: [] })
    const log = await machine.json<{ readonly blob: string }[]>('log', 'demo')
    t.equal(log.at(-1)!.blob, plan.lost[0]!.blob, 'the blob has the same id')
    t.match(await machine.json('revive', 'demo'), { lost: [], packs: before.blobs + 1 })

    // A machine that has written nothing: pieces only.
    const reader = new Machine(t, machine)
    const cold = await reader.mount('demo', '--read-only')
    readAll(cold)
    await reader.ok('umount', cold)
    await reader.ok('fsck', 'demo')
    await reader.ok('log', 'demo')
    t.same(readdirSync(join(reader.home, 'cache', 'packs')), [])
    await machine.ok('umount', mount)
    const appending = await machine.mount('demo', '--no-auto-renew')
    writeFileSync(join(appending, 'small'), 'in the manifest')
    await machine.ok('umount', appending)
    t.equal((await commits(machine))[0]!.blob, undefined, 'a change lies in the manifest')
    await devnet.advanceEpoch(12, never)
    const again = await reader.json<ReviveReport>('revive', 'demo', '--history', '--yes')
    t.match(
      again.lost.map(({ copy }) => copy),
      ['pieces', 'pieces'],
    )
    t.match(again, { revived: 2, commits: 1, notes: [] }, 'certified first, then the table')
    t.ok((await commits(reader))[0]!.blob, 'what lay in the manifest was stored')
    const fresh = new Machine(t, machine)
    const last = await fresh.mount('demo', '--read-only')
    readAll(last)
    t.equal(readFileSync(join(last, 'small'), 'utf8'), 'in the manifest')
  },
)
