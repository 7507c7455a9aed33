import { mkdirSync, linkSync, readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import tap, { test } from 'tap'
import type { FsckReport } from '../../src/daemon/fsck-report.ts'
import type { VerifyReport } from '../../src/daemon/verify-drive.ts'
import { exitCodes } from '../../src/terms/trouble.ts'
import { Machine, noMounts, until } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

/** The result of a command that ends with this code. */
async function jsonOf<T>(machine: Machine, code: number, ...args: string[]): Promise<T> {
  const finished = await machine.run(...args, '--json')
  if (finished.code !== code)
    throw new Error(`${args.join(' ')} ended with ${finished.code}: ${finished.stderr}`)
  return JSON.parse(finished.stdout) as T
}

/** A mount with files in two snapshots. */
async function filled(machine: Machine): Promise<string> {
  const mount = await machine.mount()
  mkdirSync(join(mount, 'docs'))
  writeFileSync(join(mount, 'large'), randomBytes(2_500_000))
  writeFileSync(join(mount, 'docs', 'letter'), randomBytes(40_000))
  linkSync(join(mount, 'docs', 'letter'), join(mount, 'copy'))
  await machine.ok('sync', mount)
  writeFileSync(join(mount, 'docs', 'more'), randomBytes(40_000))
  await machine.ok('sync', mount)
  return mount
}

test(
  'verify: a healthy drive, one lying node, all of them lying, all of them down',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const fault = (...args: string[]) => machine.ok('devnet', 'fault', ...args)
    t.teardown(() => fault('clear'))
    const mount = await filled(machine)
    const healthy = await machine.json<VerifyReport>('verify', mount)
    t.match(healthy, { verdict: 'ok', packs: 2, damaged: [], problems: [], nodes: [] })
    t.ok(healthy.bytes > 2_580_000)
    const all = await machine.json<VerifyReport>('verify', 'demo', '--history')
    t.equal(all.snapshots, 2)
    t.ok(all.pieces > healthy.pieces)

    const liars: string[] = []
    for (const node of ['0', '1', '2', '3']) {
      await fault('corrupt', node)
      const report = await machine.json<VerifyReport>('verify', 'demo')
      t.match(report, { verdict: 'ok', pieces: healthy.pieces, damaged: [] }, `node ${node} lies`)
      for (const { name, lies } of report.nodes) if (lies > 0) liars.push(name)
      await fault('start', node)
      // Not every node has a row that the drive needs.
      if (liars.length > 0) break
    }
    t.equal(liars.length, 1, `who lied is named: ${liars.join(', ')}`)

    for (const node of ['0', '1', '2', '3']) await fault('corrupt', node)
    const damaged = await jsonOf<VerifyReport>(machine, exitCodes.damaged, 'verify', 'demo')
    t.equal(damaged.verdict, 'damaged')
    const paths = new Set(damaged.damaged.flatMap((piece) => piece.paths))
    for (const path of ['/large', '/docs/letter', '/copy', '/docs/more', '/docs/'])
      t.ok(paths.has(path), path)
    const said = await machine.run('verify', 'demo')
    t.equal(said.code, exitCodes.damaged)
    t.match(said.stdout, /damaged: \/large/)
    t.match(said.stderr, /demo is damaged/)

    const other = new Machine(t, machine)
    const blind = await jsonOf<VerifyReport>(other, exitCodes.damaged, 'verify', 'demo')
    t.match(blind.damaged, [{ use: 'root' }], 'with an empty cache')

    await fault('clear')
    for (const node of ['0', '1', '2', '3']) await fault('stop', node)
    const silent = await jsonOf<VerifyReport>(machine, exitCodes.unreachable, 'verify', 'demo')
    t.ok(silent.damaged.every((piece) => piece.fault === 'unreachable'))
    await fault('clear')
    await machine.ok('verify', 'demo')
  },
)

/** Changes a byte in the middle of a file. */
function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
  writeFileSync(path, bytes)
}

test(
  'fsck finds a flipped byte of the disk cache and a stray staging file, and mends both',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await filled(machine)
    const bytes = readFileSync(join(mount, 'large'))
    const mounted = await machine.json<FsckReport>('fsck', mount)
    t.match(mounted, { verdict: 'ok', heldBy: await machine.pidOf(mount) })
    t.notOk(mounted.state, 'the state of a mounted drive is left alone')
    const refused = await machine.run('fsck', 'demo', '--repair')
    t.equal(refused.code, exitCodes.locked)
    t.match(refused.stderr, /mounted .* left alone; unmount it/)
    await machine.ok('umount', mount)

    const healthy = await machine.json<FsckReport>('fsck', 'demo')
    t.match(healthy, { verdict: 'ok', tree: { inodes: 5 }, packs: 2, state: { changes: 0 } })
    t.ok(healthy.cache.pieces > 0)

    const packs = join(machine.home, 'cache', 'packs')
    const largest = readdirSync(packs).sort()[0]!
    flip(join(packs, largest))
    const stray = join(machine.home, 'state', 'demo', 'staging', '0000000099.staging')
    // Longer than the head of a sealed file.
    writeFileSync(stray, 'nobody names this'.repeat(5))
    const found = await jsonOf<FsckReport>(machine, exitCodes.damaged, 'fsck', 'demo')
    t.match(
      found.problems.filter(({ grave }) => grave),
      [
        { where: 'cache', text: /1 of \d+ pieces are damaged/, mended: false },
        { where: 'state', text: /0000000099.staging .* left over/, mended: false },
      ],
    )
    t.ok(existsSync(join(packs, largest)) && existsSync(stray), 'nothing was changed')

    const mended = await machine.json<FsckReport>('fsck', 'demo', '--repair')
    t.equal(mended.verdict, 'ok')
    t.equal(mended.repaired.length, 2)
    t.notOk(existsSync(join(packs, largest)))
    const again = await machine.json<FsckReport>('fsck', 'demo')
    t.same(
      again.problems.filter(({ grave }) => grave),
      [],
    )
    const back = await machine.mount('demo', '--scrub', '100M/s', '--scrub-every', '300ms')
    t.ok(readFileSync(join(back, 'large')).equals(bytes), 'read from the network')
    await until(async () => {
      const { scrub } = await machine.status(back)
      return scrub!.passes > 1 && scrub!.cached > 4
    }, 'two passes of the scrub')
    t.match((await machine.status(back)).scrub, { cachedDamaged: 0, damaged: 0 })
    t.match(await machine.ok('status', back, '--metrics'), /walrusfs_scrub_passes_total\{.*\} \d/)
    t.match(await machine.ok('status', back), /scrub +\d+ cached pieces/)
  },
)
