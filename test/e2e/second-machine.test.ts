import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts, scratch, tool, until } from './machine.ts'
import { makeOddTree } from './odd-tree.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

test(
  'a copied tree comes back the same on a machine with nothing but the configuration',
  { skip: noMounts() },
  async (t) => {
    const first = await network!.withDrive(t)
    const mount = await first.mount()
    const source = join(scratch(t), 'tree')
    makeOddTree(source)
    tool('cp', ['-a', `${source}/.`, mount])
    t.equal(tool('rsync', compare(source, mount)), '', 'the mount itself shows the same tree')
    await first.ok('sync', mount)
    const { writeback } = await first.status(mount)
    t.equal(writeback.dirty, false)

    const second = new Machine(t, first)
    const elsewhere = await second.mount('demo', '--read-only')
    t.equal(tool('rsync', compare(source, elsewhere)), '', 'the other machine shows the same tree')

    await first.ok('umount', mount)
    first.forget()
    const again = await first.mount()
    t.equal(
      tool('rsync', compare(source, again)),
      '',
      'an empty state and cache show the same tree',
    )
  },
)

test(
  'files that were written twice within a tick of the clock have one time everywhere',
  { skip: noMounts() },
  async (t) => {
    const first = await network!.withDrive(t)
    const mount = await first.mount()
    for (let file = 0; file < 300; file++) {
      const path = join(mount, `${file}`)
      for (const text of ['first', ' second', ' third']) appendFileSync(path, text)
    }
    await first.ok('sync', mount)
    const elsewhere = await new Machine(t, first).mount('demo', '--read-only')
    t.equal(tool('rsync', compare(mount, elsewhere)), '')
  },
)

/** Prints a line for each difference in names, types, bytes, modes, owners, times, links, ACLs and attributes. */
function compare(a: string, b: string): string[] {
  return ['-aHAXn', '--checksum', '--delete', '--itemize-changes', `${a}/`, `${b}/`]
}

test(
  'a machine that only reads says in status which commit it shows',
  { skip: noMounts() },
  async (t) => {
    const first = await network!.withDrive(t)
    const mount = await first.mount('demo', '--append-delay', 'off')
    const second = new Machine(t, first)
    const elsewhere = await second.mount('demo', '--read-only')
    for (const text of ['one', 'two']) {
      writeFileSync(join(mount, 'file'), text)
      await first.ok('sync', mount)
      const { sequence } = await first.status(mount)
      await until(
        async () => (await second.status(elsewhere)).sequence === sequence,
        `status of the other machine to say ${sequence}`,
        20_000,
      )
      t.equal(readFileSync(join(elsewhere, 'file'), 'utf8'), text)
    }
  },
)
