import fc from 'fast-check'
import { test } from 'tap'
import type { ModelInode, ModelTree } from './model-tree.ts'
import { anyStep, numberSlicesFrom } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'
import { same, Writer } from './writer.ts'
import { propertyRuns } from './property-runs.ts'

/** What must hold for all changes, on drives where changes go into records of the manifest in such turns (see TestDrive). */
export function testRebases(turns?: readonly boolean[]): void {
  /** The bytes of every file that a side made or changed. */
  function editedBytes(base: ModelTree, side: ModelTree): Set<string> {
    const before = new Map(base.names().map(({ inode }) => [inode.ino, bytesOf(inode)]))
    const changed = side.names().filter(({ inode }) => before.get(inode.ino) !== bytesOf(inode))
    return new Set(changed.map(({ inode }) => bytesOf(inode)))
  }

  function bytesOf(inode: ModelInode): string {
    return [...inode.bytes].sort(([a], [b]) => a - b).join(' ')
  }

  const anySteps = fc.array(anyStep, { maxLength: 25, size: 'max' })

  async function twoWriters(first: readonly Step[]): Promise<[TestDrive, Writer, Writer]> {
    const drive = new TestDrive(turns)
    const a = new Writer(drive, 'a')
    await a.play(first)
    await a.commit()
    return [drive, a, new Writer(drive, 'b')]
  }

  test('a writer without changes has what the other one committed', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        anySteps,
        anySteps,
        fc.nat(3),
        fc.boolean(),
        async (first, then, looks, slow) => {
          const [drive, a, b] = await twoWriters(first)
          drive.packs.slow = slow
          if (looks > 0) await b.look()
          if (looks > 1) await b.hold()
          await a.play(then)
          await a.commit()
          await b.rebase()
          if (b.worktree.dirty) throw new Error('dirty without a change')
          same(await b.dump(), await a.dump(), 'b')
        },
      ),
      propertyRuns(100),
    )
    t.pass('for all changes tried')
  })

  /** Both writers' changes on one base, the first one's committed first. Returns the bytes of all files in the end. */
  async function merge(
    first: readonly Step[],
    [a, b]: readonly [readonly Step[], readonly Step[]],
    kind: number,
  ): Promise<{ bytes: string[]; conflicts: number }> {
    const [drive, one, two] = await twoWriters(first)
    const base = await one.look()
    drive.packs.slow = kind % 2 === 1
    await two.play(b, kind > 1)
    if (kind === 1) await two.hold()
    await one.play(a)
    const edited = [...editedBytes(base, one.model), ...editedBytes(base, two.model)]
    await one.commit()
    const conflicts = (await two.rebase()).length
    const bytes = (await two.look()).names().map(({ inode }) => bytesOf(inode))
    for (const wanted of edited) if (!bytes.includes(wanted)) throw new Error(`lost: ${wanted}`)
    await two.commit()
    await one.rebase()
    same(await one.dump(), await two.dump(), 'the first in the end')
    if (one.worktree.dirty || two.worktree.dirty) throw new Error('dirty in the end')
    return { bytes, conflicts }
  }

  test('changes of two writers become one tree, in which all that either edited is found', async (t) => {
    let conflicts = 0
    await fc.assert(
      fc.asyncProperty(anySteps, anySteps, anySteps, fc.nat(3), async (first, a, b, kind) => {
        conflicts += (await merge(first, [a, b], kind)).conflicts
      }),
      propertyRuns(150),
    )
    t.ok(conflicts > 20, `${conflicts} conflicts`)
  })

  /** What is there when both have committed: types, and the bytes of files. */
  async function merged(
    [first, a, b]: readonly (readonly Step[])[],
    isFirstFirst: boolean,
  ): Promise<string> {
    numberSlicesFrom(0)
    const [, one, two] = await twoWriters(first!)
    numberSlicesFrom(10_000)
    await one.play(a!)
    numberSlicesFrom(20_000)
    await two.play(b!)
    const [earlier, later] = isFirstFirst ? [one, two] : [two, one]
    await earlier.commit()
    await later.commit()
    const inodes = (await later.look()).names().map(({ inode }) => inode)
    return [...new Set(inodes.map((inode) => `${inode.mode >> 12} ${bytesOf(inode)}`))]
      .sort()
      .join('\n')
  }

  test('whoever of two writers commits first, the same things are there in the end', async (t) => {
    await fc.assert(
      fc.asyncProperty(anySteps, anySteps, anySteps, async (...steps) => {
        const [found, wanted] = [await merged(steps, true), await merged(steps, false)]
        if (found !== wanted) throw new Error(`one order: ${found}\n the other: ${wanted}`)
      }),
      propertyRuns(30),
    )
    t.pass('for all changes tried')
  })

  test('what any of three writers edited is there in the end, whenever they meet', async (t) => {
    const anyOrder = fc.array(fc.nat(2), { maxLength: 6, size: 'max' })
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(anySteps, anySteps, anySteps, anySteps),
        anyOrder,
        async ([first, ...all], meetings) => {
          const [drive, a, b] = await twoWriters(first)
          const writers = [a, b, new Writer(drive, 'c')]
          const base = await a.look()
          const edited = new Set<string>()
          for (const [i, steps] of all.entries()) {
            await writers[i]!.play(steps)
            for (const bytes of editedBytes(base, writers[i]!.model)) edited.add(bytes)
          }
          for (const who of meetings) await writers[who]!.rebase()
          for (const writer of writers) {
            await writer.commit()
            for (const who of meetings) await writers[who]!.rebase()
          }
          const last = await writers[2]!.look()
          const bytes = last.names().map(({ inode }) => bytesOf(inode))
          edited.delete('')
          for (const wanted of edited)
            if (!bytes.includes(wanted)) throw new Error(`lost: ${wanted}`)
        },
      ),
      propertyRuns(60),
    )
    t.pass('for all changes tried')
  })

  test('three writers who now and then take and give their changes end with one tree', async (t) => {
    const anyRound = fc.array(fc.tuple(fc.nat(2), anySteps, fc.nat(3)), {
      maxLength: 8,
      size: 'max',
    })
    await fc.assert(
      fc.asyncProperty(anyRound, async (rounds) => {
        const drive = new TestDrive(turns)
        const writers = ['a', 'b', 'c'].map((host) => new Writer(drive, host))
        for (const [who, steps, then] of rounds) {
          const writer = writers[who]!
          await writer.play(steps, then === 3)
          if (then === 1) await writer.rebase()
          if (then >= 2) await writer.commit()
        }
        for (const writer of writers) await writer.commit()
        for (const writer of writers) {
          await writer.rebase()
          same(await writer.dump(), await writers[0]!.dump(), `${writer.host} in the end`)
        }
      }),
      propertyRuns(60),
    )
    t.pass('for all changes tried')
  })
}
