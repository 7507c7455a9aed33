import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { Act, Change } from './act.ts'
import { compareTree } from './compare-tree.ts'
import { KnownContent } from './known-content.ts'
import { KnownTree, type Known } from './known-tree.ts'
import { settle } from './settle.ts'

const size = 1000
const fileOf = (content: KnownContent): Known => ({ type: 'file', content, mode: 0o644 })
const bytesOf = (known: Known) => (known.type === 'file' ? known.content.bytes(0, Infinity) : '')

const old = KnownContent.of(1, size)
const before = fileOf(old)
const rewritten = fileOf(KnownContent.of(2, size))
const grown = fileOf(old.written(size, size, 4))

/** What settling makes of an act on a file that holds these bytes now; undefined: it is gone. */
async function settled(
  t: Test,
  there: Uint8Array | string | undefined,
  change: Omit<Change, 'path'>,
): Promise<Known | undefined> {
  const top = await mkdtemp(join(tmpdir(), 'walrusfs-settle-'))
  t.teardown(() => rm(top, { recursive: true }))
  if (there !== undefined) await writeFile(join(top, 'file'), there, { mode: 0o644 })
  const tree = new KnownTree()
  tree.set('file', change.before)
  const act: Act = { kind: 'test', changes: [{ path: 'file', ...change }], run: async () => 0 }
  await settle(top, tree, act)
  t.same((await compareTree(top, tree, 'bytes')).wrong, [], 'it is then as it is known')
  return tree.get('file')
}

test('an act that was broken off has happened, or has not', async (t) => {
  const change = { before, after: rewritten, how: 'rewritten' } as const
  t.equal(await settled(t, bytesOf(before), change), before)
  t.equal(await settled(t, bytesOf(rewritten), change), rewritten)
  t.equal(await settled(t, undefined, { ...change, after: undefined, how: 'whole' }), undefined)
})

test('half of a new file may be there, and is removed', async (t) => {
  const half = (known: Known) => bytesOf(known).slice(0, size / 2)
  const change = { before, after: rewritten, how: 'rewritten' } as const
  t.equal(await settled(t, half(rewritten), change), undefined)
  t.equal(await settled(t, '', change), undefined)
  const longer = bytesOf(grown).slice(0, size + 300)
  t.equal(await settled(t, longer, { before, after: grown, how: 'grown' }), undefined)
})

test('what cannot have come of it is told', async (t) => {
  const change = { before, after: rewritten, how: 'rewritten' } as const
  const other = KnownContent.of(7, size).bytes(0, size)
  await t.rejects(settled(t, other, change), /neither/)
  await t.rejects(settled(t, undefined, change), /is gone/)
  await t.rejects(settled(t, bytesOf(before).slice(0, size / 2), change), /neither/)
  await t.rejects(settled(t, '', { ...change, how: 'whole' }), /neither/)
  await t.rejects(settled(t, bytesOf(before).slice(0, 10), { before, after: grown, how: 'grown' }))
})

test('what an fsync has promised must be there', async (t) => {
  const change = { before, after: rewritten, how: 'rewritten', promised: 400 } as const
  const first = (bytes: number) => bytesOf(rewritten).slice(0, bytes)
  t.equal(await settled(t, first(500), change), undefined)
  await t.rejects(settled(t, first(300), change), /300 of 400 bytes after its fsync/)
  await t.rejects(settled(t, bytesOf(before), change), /as before, after its fsync/)
  const zeros = Buffer.concat([Buffer.from(first(300)), Buffer.alloc(200)])
  await t.rejects(settled(t, zeros, change), /neither/)
})

test('a tree that differs in a byte, a size, a mode or a name is told', async (t) => {
  const top = await mkdtemp(join(tmpdir(), 'walrusfs-settle-'))
  t.teardown(() => rm(top, { recursive: true }))
  const bytes = Buffer.from(bytesOf(before))
  const tree = new KnownTree()
  tree.set('file', before)
  const wrongWith = async (there: Buffer, mode = 0o644, name = 'file') => {
    await rm(join(top, 'file'), { force: true })
    await writeFile(join(top, name), there, { mode })
    return (await compareTree(top, tree, 'bytes')).wrong
  }
  t.same(await wrongWith(bytes), [])
  bytes[777]! ^= 1
  t.match(await wrongWith(bytes), [/the first at 777/])
  t.match(await wrongWith(bytes.subarray(1)), [/999 bytes instead of 1000/])
  t.match(await wrongWith(bytes, 0o600), [/mode/])
  t.match(await wrongWith(bytes, 0o644, 'other'), [/holds \[other\]/, /ENOENT/])
})
