import fc from 'fast-check'
import { test } from 'tap'
import { nameToText } from '../../src/terms/name.ts'
import type { DirectoryEntries } from '../../src/tree/inode.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { makeFile, rename, unlink } from './change-makers.ts'

function names(entries: DirectoryEntries, after = 0, limit = Infinity): [string, number][] {
  const found: [string, number][] = []
  for (const { name, cookie } of entries.after(after)) {
    found.push([nameToText(name), cookie])
    if (found.length >= limit) break
  }
  return found
}

test('a name that stays is given exactly once, whatever comes and goes between the reads', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.nat(5), fc.array(fc.tuple(fc.boolean(), fc.nat(400)), { maxLength: 60 })),
      ),
      async (reads) => {
        const tree = new Worktree()
        const there = new Set<string>()
        const stayed = new Set<string>()
        for (let i = 0; i < 100; i += 2) {
          makeFile(tree, tree.root, `${i}`)
          there.add(`${i}`)
          stayed.add(`${i}`)
        }
        const entries = await tree.entries(tree.root)
        const given: string[] = []
        let cookie = 0
        for (const [count, changes] of [...reads, [Infinity, []] as const]) {
          for (const [name, at] of names(entries, cookie, count + 1)) {
            given.push(name)
            cookie = at
          }
          for (const [add, number] of changes) {
            const name = `${number}`
            if (add === there.has(name)) continue
            if (add) makeFile(tree, tree.root, name)
            else unlink(tree, tree.root, name)
            if (add) there.add(name)
            else there.delete(name)
            stayed.delete(name)
          }
        }
        for (const name of stayed) {
          if (given.filter((other) => other === name).length !== 1) throw new Error(name)
        }
        if (entries.count !== there.size) throw new Error('count')
      },
    ),
  )
  t.pass('for all changes tried')
})

test('changes during one pass neither repeat nor lose a name', async (t) => {
  const tree = new Worktree()
  for (let i = 0; i < 500; i++) makeFile(tree, tree.root, `${i}`)
  const seen: string[] = []
  for (const { name } of (await tree.entries(tree.root)).after(0)) {
    seen.push(nameToText(name))
    if (!nameToText(name).endsWith('7')) unlink(tree, tree.root, nameToText(name))
  }
  t.equal(seen.length, 500)
  t.equal(new Set(seen).size, 500)
  t.equal(names(await tree.entries(tree.root)).length, 50)
})

test('a replaced name keeps its place and cookies begin above those of . and ..', async (t) => {
  const tree = new Worktree()
  for (const name of ['a', 'b', 'c']) makeFile(tree, tree.root, name)
  const entries = await tree.entries(tree.root)
  const before = names(entries)
  t.ok(before.every(([, cookie]) => cookie > 2))
  rename(tree, tree.root, 'c', tree.root, 'a')
  t.same(names(entries), before.slice(0, 2))
})
