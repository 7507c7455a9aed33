import fc from 'fast-check'
import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import {
  decodeRecord,
  encodeRecord,
  type RecordChange,
} from '../../src/tree/format/record-format.ts'
import { FileType } from '../../src/tree/inode.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { make, makeDirectory, makeFile, write } from './change-makers.ts'
import { propertyRuns } from './property-runs.ts'
import { anyStep } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'
import { Writer } from './writer.ts'

const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 25, size: 'max' })
const head = { timeMs: 1, writer: 'test' }
const totals: RecordChange = { type: 'totals', usedBytes: 0, usedInodes: 9, nextIno: 99 }

/** Records that one writer made of a few steps each. */
async function recordsOf(
  ...steps: readonly (typeof anySteps extends fc.Arbitrary<infer T> ? T : never)[]
) {
  const drive = new TestDrive([true])
  const writer = new Writer(drive, 'a')
  for (const some of steps) {
    await writer.play(some)
    await writer.commit()
  }
  return { drive, writer }
}

function recordOf(...changes: readonly RecordChange[]): Uint8Array {
  return encodeRecord(head, changes, 1 << 20)!
}

function inodeOf(ino: number, mode: number, nlink: number): RecordChange {
  const inode = new TreeInode(ino, mode)
  inode.nlink = nlink
  return { type: 'inode', inode }
}

const directory = (ino: number, nlink = 2) => inodeOf(ino, FileType.directory | 0o755, nlink)
const file = (ino: number, nlink = 1) => inodeOf(ino, FileType.regular | 0o644, nlink)
const named = (parent: number, name: string, ino: number | undefined): RecordChange => ({
  type: 'name',
  parent,
  name: nameFromText(name),
  ino,
})

/** The message of the FormatError that standing on the records ends with; undefined where it goes well. */
function refusal(...records: readonly Uint8Array[]): string | undefined {
  try {
    new Worktree().standOn(records)
    return undefined
  } catch (error) {
    if (error instanceof FormatError) return error.message
    throw error
  }
}

test('a record says the same again when it is read and written', async (t) => {
  await fc.assert(
    fc.asyncProperty(anySteps, anySteps, async (first, second) => {
      const { drive } = await recordsOf(first, second)
      for (const bytes of drive.inline) {
        const { changes, ...who } = decodeRecord(bytes)
        const again = encodeRecord(who, changes, bytes.length)
        if (!again || Buffer.compare(again, bytes) !== 0) throw new Error('other bytes')
      }
    }),
    propertyRuns(60),
  )
  t.pass('for all changes tried')
})

test('whatever bytes a record has, a reader refuses it or stands on it', async (t) => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(
      anySteps,
      anySteps,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      async (first, second, spoiled, cut) => {
        const { drive } = await recordsOf(first, second)
        const records = drive.inline.map((bytes) => Buffer.from(bytes))
        const bytes = records[cut % records.length]!
        for (const [at, value] of spoiled) bytes[at % bytes.length] = value
        if (cut % 3 === 0) records[0] = records[0]!.subarray(0, cut % records[0]!.length)
        if (refusal(...records) === undefined) return
        refused++
      },
    ),
    propertyRuns(300),
  )
  t.ok(refused > 100, `${refused} refused`)
})

test('what no program writes is refused with the number of the record', async (t) => {
  const good = recordOf(directory(1, 3), directory(2), named(1, 'd', 2), totals)
  t.equal(refusal(good), undefined)
  const cases: [string, RecordChange[], RegExp][] = [
    [
      'a cycle',
      [directory(2), directory(3), named(2, 'x', 3), named(3, 'y', 2), named(1, 'd', 2), totals],
      /two names/,
    ],
    ['a directory of two names', [named(1, 'e', 2), totals], /two names/],
    ['a file of two names', [file(3), named(1, 'a', 3), named(1, 'b', 3), totals], /two names/],
    ['the root with a name', [named(2, 'x', 1), totals], /root has a name/],
    ['a file that becomes a directory', [file(2), totals], /something else/],
    ['a root that is a file', [file(1), totals], /something else/],
    ['a name in a file', [file(3), named(1, 'a', 3), named(3, 'x', 2), totals], /no directory/],
    ['a name of nothing', [named(1, 'a', 7), totals], /not loaded/],
    ['a file without links', [file(3, 0), totals], /0 links/],
    ['a number that was not given out', [file(100), named(1, 'a', 100), totals], /never given out/],
    ['no totals', [file(3)], /no totals/],
    ['something behind the totals', [totals, file(3)], /follow the totals/],
  ]
  for (const [what, changes, why] of cases) {
    t.match(refusal(good, recordOf(...changes)), why, what)
    t.match(refusal(good, recordOf(...changes)), /^record 2 of the 2 in the manifest/, what)
  }
  const slices = new TreeInode(3, FileType.regular)
  slices.nlink = 1
  slices.size = 5
  slices.extentList = new ExtentList()
  const slice = { id: 1, segment: 1, position: 0, length: 5 }
  slices.extentList.put(0, 5, { kind: 'slice', slice, at: 0 })
  t.match(refusal(recordOf({ type: 'inode', inode: slices }, totals)), /a slice/)
  t.match(refusal(Buffer.of(2)), /format 2/)
  t.match(refusal(Buffer.of(1, 1)), /features/)
  t.match(refusal(Buffer.of()), /too early/)
})

test('what does not fit stays as it was', async (t) => {
  const tree = new Worktree()
  const read = (_: unknown, from: number, to: number) => Buffer.alloc(to - from, 7)
  const small = makeFile(tree, tree.root, 'small')
  write(tree, small, 0, 3000)
  t.equal(tree.freezeRecord(head, 2999, read), undefined)
  t.ok(tree.dirty)
  const frozen = tree.freezeRecord(head, 4000, read)!
  t.ok(frozen.bytes.length > 3000 && frozen.bytes.length <= 4000)
  write(tree, small, 100, 10)
  tree.thaw(frozen)
  const again = tree.freezeRecord(head, 4000, read)!
  tree.appended(again)
  t.notOk(tree.dirty)
  t.equal(tree.sliceBytes, 0)
  t.same(tree.inline, [again.bytes])
  const other = new Worktree()
  other.standOn([again.bytes])
  t.equal(other.usedBytes, 3000)
  const shown = await other.lookup(other.root, nameFromText('small'))
  t.equal(shown!.extents!.sliceBytes, 0)
  t.equal(shown!.extents!.coveredBytes, 3000)
})

test('names that records made stay in memory however few inodes may', async (t) => {
  const tree = new Worktree({ keptInodes: 3 })
  const d = makeDirectory(tree, tree.root, 'd')
  for (let i = 0; i < 20; i++) make(tree, d, `f${i}`, FileType.regular | 0o600)
  const read = () => Buffer.alloc(0)
  tree.appended(tree.freezeRecord(head, 4000, read)!)
  const other = new Worktree({ keptInodes: 3 })
  other.standOn(tree.inline)
  const again = await other.lookup(other.root, nameFromText('d'))
  t.equal((await other.entries(again!)).count, 20)
})
