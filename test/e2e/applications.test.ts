import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { backupTools } from '../applications/backup-tools.ts'
import { differences, lacking } from '../applications/nightly.ts'
import { Machine, noMounts, scratch, tool } from './machine.ts'
import { makeOddTree } from './odd-tree.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

async function mounted(t: Test): Promise<string> {
  const machine = await network!.withDrive(t)
  return machine.mount('demo', '--writeback-delay', '1s')
}

test('the second rsync of a tree transfers nothing', { skip: noMounts() }, async (t) => {
  const mount = await mounted(t)
  const source = join(scratch(t), 'tree')
  makeOddTree(source, 400)
  tool('rsync', ['-a', `${source}/`, join(mount, 'copy')])
  t.equal(tool('rsync', ['-a', '--itemize-changes', `${source}/`, join(mount, 'copy')]), '')
})

const tar = backupTools.find(({ program }) => program === 'tar')!
const tarSkip = lacking({ rsync: 'rsync', setfacl: 'acl', setfattr: 'attr' })

test('tar brings ACLs, attributes, links, holes and times back', { skip: tarSkip }, async (t) => {
  const mount = await mounted(t)
  const [source, archive, target] = ['source', 'archive', 'target'].map((part) => join(mount, part))
  makeOddTree(source!, 100)
  mkdirSync(archive!)
  mkdirSync(target!)
  const place = { archive: archive!, home: mount }
  tar.backup(place, source!, 0)
  writeFileSync(join(source!, 'holes'), 'appended', { flag: 'a' })
  tar.backup(place, source!, 1)
  tar.restore(place, target!)
  t.same(differences(source!, target!), [])
})

test('git clones, checks and changes a repository', { skip: noMounts() }, async (t) => {
  const mount = await mounted(t)
  const origin = join(scratch(t), 'origin')
  const git = (cwd: string, ...args: string[]) =>
    tool(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'safe.directory=*', ...args],
      { cwd },
    )
  tool('git', ['init', '-q', '-b', 'main', origin])
  for (let i = 0; i < 60; i++) {
    writeFileSync(join(origin, `file-${i % 20}`), `line ${i}\n`.repeat(i + 1))
    git(origin, 'add', '-A')
    git(origin, 'commit', '-qm', `change ${i}`)
  }
  git(mount, 'clone', '-q', origin, 'clone')
  const clone = join(mount, 'clone')
  git(clone, 'fsck', '--strict')
  t.equal(git(clone, 'status', '--porcelain'), '')
  writeFileSync(join(clone, 'new'), 'here')
  git(clone, 'add', 'new')
  git(clone, 'commit', '-qm', 'made on the mount')
  git(clone, 'gc', '-q')
  git(clone, 'fsck', '--strict')
  t.equal(git(clone, 'rev-list', '--count', 'HEAD').trim(), '61')
  git(mount, 'clone', '-q', '--local', 'clone', 'clone-of-clone')
  git(join(mount, 'clone-of-clone'), 'fsck', '--strict')
})

for (const mode of ['delete', 'wal']) {
  test(`SQLite works with journal_mode=${mode}`, { skip: noMounts() }, async (t) => {
    const mount = await mounted(t)
    const database = join(mount, 'data.db')
    const sql = (input: string) => tool('sqlite3', ['-bail', database], { input }).trim()
    t.match(sql(`PRAGMA journal_mode=${mode};`), mode)
    sql('CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);')
    for (let i = 0; i < 10; i++) {
      sql(
        `BEGIN; INSERT INTO t (body) SELECT hex(randomblob(200)) FROM generate_series(1, 500); COMMIT;`,
      )
    }
    sql('DELETE FROM t WHERE id % 3 = 0; VACUUM;')
    t.equal(sql('PRAGMA integrity_check;'), 'ok')
    t.equal(sql('SELECT count(*) FROM t;'), '3334')
  })
}
