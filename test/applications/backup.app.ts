import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { Machine, scratch } from '../e2e/machine.ts'
import { makeOddTree } from '../e2e/odd-tree.ts'
import { backupTools, type BackupTool, type Place } from './backup-tools.ts'
import { differences, lacking, nightlyNetwork, passDay, Stopwatch } from './nightly.ts'

const network = await nightlyNetwork()

/** Two days of a tree, restored: what a backup tool is for. Gives where the restored tree lies. */
async function twoDays(
  tool: BackupTool,
  source: string,
  disk: string,
  home: string,
  commit: () => Promise<unknown>,
): Promise<string> {
  const place = { archive: make(disk, 'archive'), home: make(home, 'home') }
  tool.init(place)
  tool.backup(place, source, 0)
  await commit()
  passDay(source)
  tool.backup(place, source, 1)
  tool.check(place, source)
  const restored = make(disk, 'restored')
  tool.restore(place, restored)
  return restored
}

function make(...path: string[]): string {
  const directory = join(...path)
  mkdirSync(directory, { recursive: true })
  return directory
}

for (const tool of backupTools) {
  const skip = lacking({
    [tool.program]: tool.debian,
    rsync: 'rsync',
    setfacl: 'acl',
    setfattr: 'attr',
  })
  test(`${tool.name}: what comes back is what was there`, { skip }, async (t) => {
    const { host, source, mount, machine, watch } = await prepare(t, tool.name)
    watch.start()
    const same = await twoDays(tool, `${source} again`, host, join(host, 'a'), async () => 0)
    watch.lap('host')
    t.same(differences(`${source} again`, same, tool.loses), [], 'from the host’s disk')

    watch.start()
    const restored = await twoDays(tool, source, mount, host, () =>
      watch.apart(() => machine.ok('sync', mount)),
    )
    watch.lap('mount')
    t.comment(watch.toString())
    t.same(differences(source, restored, tool.loses), [], 'from the mount, onto the mount')
    await machine.ok('sync', mount)

    const other = new Machine(t, machine)
    const there = await other.mount('demo', '--read-only')
    t.same(differences(source, join(there, 'restored'), tool.loses), [], 'the restored tree')
    const place: Place = { archive: join(there, 'archive'), home: make(host, 'empty home') }
    const target = make(host, 'target')
    tool.restore(place, target)
    t.same(differences(source, target, tool.loses), [], 'restored from another machine')
  })
}

async function prepare(t: Test, name: string) {
  const host = scratch(t)
  const source = join(host, 'source')
  makeOddTree(source, 600)
  makeOddTree(`${source} again`, 600)
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--writeback-delay', '2s')
  return { host, source, machine, mount, watch: new Stopwatch(name) }
}
