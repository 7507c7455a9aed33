import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { decodeRootRecord, encodeRootRecord } from '../../src/tree/format/root-format.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { Needs } from '../../src/tree/history/needs.ts'
import { relocate } from '../../src/tree/history/relocate.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { PieceUse } from '../../src/tree/format/pack-format.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { PackSink } from './memory-packs.ts'
import { modelOf } from './model-of-worktree.ts'
import { propertyRuns } from './property-runs.ts'
import { anyStep, Player } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'

const anySteps = fc.array(anyStep, { maxLength: 25, size: 'max' })
const anyCommits = fc.array(anySteps, { minLength: 2, maxLength: 5, size: 'max' })

async function driveWith(
  commits: readonly (readonly Step[])[],
): Promise<[TestDrive, RootRecord[]]> {
  const drive = new TestDrive()
  const tree = drive.open()
  const player = new Player(tree, await modelOf(tree, (ref) => drive.packs.bytesOf(ref)))
  const roots: RootRecord[] = []
  for (const steps of commits) {
    for (const step of steps) await player.play(step)
    roots.push(await drive.commit(tree, 2000))
  }
  return [drive, roots]
}

/** By pack, what is needed, and the bytes of what is no root record. */
async function counted(
  drive: TestDrive,
  roots: readonly RootRecord[],
): Promise<Map<BlobId, number>> {
  const places = new Set<string>()
  const sums = new Map<BlobId, number>()
  for (const root of roots) {
    for await (const { ref, use } of neededPieces(drive.packs, root)) {
      const place = `${ref.blob} ${ref.offset}`
      if (places.has(place)) continue
      places.add(place)
      const bytes = use === PieceUse.root ? 0 : ref.storedLength
      sums.set(ref.blob, (sums.get(ref.blob) ?? 0) + bytes)
    }
  }
  return sums
}

test('needs are what neededPieces says of all the snapshots, each read in part only', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCommits, fc.nat(31), async (commits, which) => {
      const [drive, roots] = await driveWith(commits)
      const kept = roots.filter((_, i) => which & (1 << i))
      const needs = new Needs(drive.packs, () => false)
      for (const root of kept) {
        if ((await needs.add(root)) > 0) throw new Error('something is gone')
      }
      const wanted = await counted(drive, kept)
      for (const blob of drive.packs.packs.keys()) {
        if (needs.has(blob) !== wanted.has(blob)) throw new Error(`${blob}: needed or not`)
        const [is, was] = [needs.live.get(blob) ?? 0, wanted.get(blob) ?? 0]
        if (is !== was) throw new Error(`${blob}: ${is} live bytes, not ${was}`)
      }
    }),
    propertyRuns(60),
  )
  t.pass('for all drives tried')
})

test('what is gone is told, and all that can still be reached counts', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCommits, fc.nat(), async (commits, which) => {
      const [drive, roots] = await driveWith(commits)
      const all = [...(await counted(drive, roots)).keys()]
      const lost = all[which % all.length]!
      drive.packs.packs.delete(lost)
      const needs = new Needs(drive.packs, () => true)
      for (const root of roots) await needs.add(root)
      for (const root of roots) {
        const readable = await counted(drive, [root]).catch(() => undefined)
        for (const blob of readable?.keys() ?? []) {
          if (!needs.has(blob)) throw new Error(`${blob} is not counted`)
        }
      }
    }),
    propertyRuns(40),
  )
  t.pass('for all drives tried')
})

test('a relocated tree says the same and names nothing in the packs that were left', async (t) => {
  let moved = 0
  await fc.assert(
    fc.asyncProperty(anyCommits, fc.nat(), async (commits, which) => {
      const [drive, roots] = await driveWith(commits)
      const root = roots.at(-1)!
      const before = await dumpWorktree(drive.openAt(root), (ref) => drive.packs.bytesOf(ref))
      const named = [...(await counted(drive, [root])).keys()]
      const packs = new Set(named.filter((_, i) => which & (1 << (i % 31))))
      const after = await withoutPacks(drive, root, packs)
      for await (const { ref } of neededPieces(drive.packs, after)) {
        if (packs.has(ref.blob)) throw new Error(`${ref.blob} is still named`)
      }
      for (const blob of packs) drive.packs.packs.delete(blob)
      moved += packs.size
      const now = await dumpWorktree(drive.openAt(after), (ref) => drive.packs.bytesOf(ref))
      if (now.join('\n') !== before.join('\n')) throw new Error('another tree')
    }),
    propertyRuns(80),
  )
  t.ok(moved > 0, 'for all drives tried')
})

async function withoutPacks(
  drive: TestDrive,
  root: RootRecord,
  packs: ReadonlySet<BlobId>,
): Promise<RootRecord> {
  const sink = new PackSink(drive.packs, 2000)
  const places = new Map<string, PieceRef>()
  for await (const { ref, use } of neededPieces(drive.packs, root)) {
    const place = `${ref.blob} ${ref.offset}`
    if (use !== PieceUse.data || !packs.has(ref.blob) || places.has(place)) continue
    places.set(place, sink.add(drive.packs.bytesOf(ref)))
  }
  sink.close()
  const pieceOf = (ref: PieceRef) => sink.resolve(places.get(`${ref.blob} ${ref.offset}`)!)
  const tree = await relocate(drive.packs, sink, root, { packs, pieceOf })
  const ref = sink.put((naming) => encodeRootRecord({ ...root, ...tree }, naming))
  sink.close()
  const self = sink.resolve(ref)
  return decodeRootRecord(drive.packs.bytesOf(self), self)
}
