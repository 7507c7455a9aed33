import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'tap'

/** Who stands on whom: a room imports rooms of lower floors only. The map is src/README.md. */
const floors = [
  ['terms'],
  ['runtime'],
  ['tree', 'crypto', 'redstuff'],
  ['store'],
  ['cache', 'journal', 'manifest'],
  ['content'],
  ['vfs', 'foreign'],
  ['fuse', 'writeback', 'renewal', 'control', 'devnet'],
  ['verification', 'dashboard'],
  ['daemon'],
  ['cli'],
]
const maxLines = 300
const source = resolve(import.meta.dirname, '../src')
const floorOf = new Map(
  floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)),
)

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.d.ts'))
  .sort()

function importsOf(path: string): string[] {
  const text = readFileSync(join(source, path), 'utf8')
  const specifiers = text.matchAll(/(?:from|import|new URL\()\s*\(?\s*'(\.{1,2}\/[^']+)'/g)
  return [...specifiers].map((match) => relative(source, resolve(source, dirname(path), match[1]!)))
}

function roomOf(path: string): string {
  return path.split('/')[0]!
}

test('every source file lies in a room of the map', async (t) => {
  t.ok(files.length > 0)
  for (const path of files) t.ok(floorOf.has(roomOf(path)), `${path} lies in a known room`)
})

test('what is no room of the map holds pages only', async (t) => {
  const directories = readdirSync(source, { withFileTypes: true }).filter((e) => e.isDirectory())
  const others = directories.map(({ name }) => name).filter((name) => !floorOf.has(name))
  t.same(others, ['guides'])
  for (const path of readdirSync(join(source, 'guides'))) t.match(path, /\.md$/)
})

test('a room imports lower floors only', async (t) => {
  for (const path of files) {
    for (const target of importsOf(path)) {
      const [from, to] = [roomOf(path), roomOf(target)]
      if (from === to || !floorOf.has(to)) continue
      t.ok(floorOf.get(to)! < floorOf.get(from)!, `${path} may import ${target}`)
    }
  }
})

test('nothing but cli imports devnet', async (t) => {
  for (const path of files) {
    if (['devnet', 'cli'].includes(roomOf(path))) continue
    t.notOk(
      importsOf(path).some((target) => roomOf(target) === 'devnet'),
      path,
    )
  }
})

test(`no file has more than ${maxLines} lines`, async (t) => {
  for (const path of files) {
    const lines = readFileSync(join(source, path), 'utf8').split('\n').length - 1
    t.ok(lines <= maxLines, `${path} has ${lines}`)
  }
})

test('no file is called after nothing in particular', async (t) => {
  for (const path of files) {
    t.notMatch(path, /(^|\/)(utils?|helpers?|common|misc|shared)(\.|\/)/, path)
  }
})
