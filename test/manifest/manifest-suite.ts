import type { Test } from 'tap'
import type { TransactionPart } from '../../src/store/blob-store.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import { ManifestError } from '../../src/manifest/manifest.ts'
import type {
  Manifest,
  ManifestErrorCode,
  ManifestRoot,
  ManifestState,
} from '../../src/manifest/manifest.ts'
import { seededBytes } from '../store/pack-file.ts'

/** A drive to test manifests on. */
export interface DriveUnderTest {
  /** Opens the drive with a writer of its own and an account that pays. */
  newWriter(balances?: { readonly sui?: bigint }): Promise<Manifest & { readonly writer: ObjectId }>
  newReader(): Promise<Manifest>
  revoke(writer: ObjectId): Promise<void>
  seal(): Promise<void>
  /** A part that does nothing, one that the chain refuses. */
  harmless(): TransactionPart
  refused(): TransactionPart
  /** Lets the next answer to a change get lost after the change was made. */
  loseAnswer(): void
}

const { signal } = new AbortController()

/** A root that differs from those of other numbers. */
export function numberedRoot(number: number): ManifestRoot {
  return {
    format: 1,
    blob: blobIdFromBytes(seededBytes(32, `blob ${number}`)),
    offset: number,
    length: 100 + number,
    hash: pieceHashOf(seededBytes(10, `root ${number}`)),
    usedBytes: 2 ** 40 + number,
    usedInodes: number,
    endEpoch: 10 + number,
  }
}

async function rejectsWith(
  t: Test,
  work: Promise<unknown>,
  code: ManifestErrorCode,
): Promise<void> {
  await t.rejects(work, { name: 'ManifestError', code }, code)
}

/** What every Manifest must do. Run it once for each implementation. */
export function manifestSuite(t: Test, open: (t: Test) => Promise<DriveUnderTest>): void {
  t.test('a new drive has no tree', async (t) => {
    const writer = await (await open(t)).newWriter()
    const state = await writer.load(signal)
    t.match(state, { id: writer.id, schema: 1, sequence: 0n, rootSequence: 0n, sealed: false })
    t.equal(state.root, undefined)
    t.equal(state.lease, undefined)
    t.same(state.inline, [])
    t.equal(state.name, 'drive')
    t.ok(state.writers.includes(writer.writer))
  })

  t.test('a commit is seen by others, root and all', async (t) => {
    const drive = await open(t)
    const [writer, reader] = [await drive.newWriter(), await drive.newReader()]
    const moved = await writer.commit(0n, numberedRoot(1), [drive.harmless()], signal)
    t.equal(moved.sequence, 1n)
    const state = await reader.load(signal)
    t.same(state.root, numberedRoot(1))
    t.match(state, { sequence: 1n, rootSequence: 1n, lastWriter: writer.writer })
    t.equal(state.previousTransaction, moved.digest)
  })

  t.test('small records queue behind the root until the next commit', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter()
    await writer.commit(0n, numberedRoot(1), [], signal)
    const records = [seededBytes(3, 'r1'), seededBytes(12_000, 'r2')]
    t.equal((await writer.append(1n, records[0]!, signal)).sequence, 2n)
    t.equal((await writer.append(2n, records[1]!, signal)).sequence, 3n)
    const state = await writer.load(signal)
    t.same(
      state.inline.map((record) => Buffer.from(record)),
      records,
    )
    t.match(state, { sequence: 3n, rootSequence: 1n })
    await writer.commit(3n, numberedRoot(2), [], signal)
    t.match(await writer.load(signal), { sequence: 4n, rootSequence: 4n, inline: [] })
  })

  t.test('of two writers that saw the same the second conflicts', async (t) => {
    const drive = await open(t)
    const [first, second] = [await drive.newWriter(), await drive.newWriter()]
    await first.commit(0n, numberedRoot(1), [], signal)
    await rejectsWith(t, second.commit(0n, numberedRoot(2), [], signal), 'conflict')
    await rejectsWith(t, second.append(0n, Buffer.from('x'), signal), 'conflict')
    await rejectsWith(t, second.renew(0n, 99, [], signal), 'conflict')
    t.same((await second.load(signal)).root, numberedRoot(1))
    t.equal((await second.commit(1n, numberedRoot(2), [], signal)).sequence, 2n)
  })

  t.test('of writers at the same moment exactly one wins', async (t) => {
    const drive = await open(t)
    const writers = [await drive.newWriter(), await drive.newWriter(), await drive.newWriter()]
    for (let round = 0n; round < 3n; round++) {
      const commits = writers.map((writer, i) =>
        writer.commit(round, numberedRoot(Number(round) * 10 + i), [], signal),
      )
      const results = await Promise.allSettled(commits)
      t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const result of results) {
        if (result.status === 'rejected') t.match(result.reason, { code: 'conflict' })
      }
    }
    t.equal((await writers[0]!.load(signal)).sequence, 3n)
  })

  t.test('a refused part undoes the whole commit', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter()
    await t.rejects(
      writer.commit(0n, numberedRoot(1), [drive.harmless(), drive.refused()], signal),
      { name: 'StoreError' },
    )
    t.match(await writer.load(signal), { sequence: 0n, root: undefined })
  })

  t.test('a renewal keeps tree and sequence, and is done once', async (t) => {
    const drive = await open(t)
    const [writer, other] = [await drive.newWriter(), await drive.newWriter()]
    await writer.commit(0n, numberedRoot(1), [], signal)
    t.equal((await writer.renew(1n, 20, [drive.harmless()], signal)).sequence, 1n)
    await other.renew(1n, 20, [drive.refused()], signal)
    t.same((await other.load(signal)).root, { ...numberedRoot(1), endEpoch: 20 })
    await t.rejects(other.renew(1n, 21, [drive.refused()], signal), { name: 'StoreError' })
  })

  t.test('the same change twice is one change', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter()
    const moved = await writer.commit(0n, numberedRoot(1), [], signal)
    t.same(await writer.commit(0n, numberedRoot(1), [], signal), moved)
    await writer.append(1n, Buffer.from('one'), signal)
    await writer.append(2n, Buffer.from('two'), signal)
    t.equal((await writer.append(1n, Buffer.from('one'), signal)).sequence, 2n)
    await rejectsWith(t, writer.append(1n, Buffer.from('eins'), signal), 'conflict')
    t.equal((await writer.load(signal)).sequence, 3n)
  })

  t.test('a change whose answer got lost is not made twice', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter()
    const untilDone = async <T>(work: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof ManifestError && error.retryable)) throw error
        }
      }
    }
    drive.loseAnswer()
    const moved = await untilDone(() => writer.commit(0n, numberedRoot(1), [], signal))
    t.equal(moved.sequence, 1n)
    drive.loseAnswer()
    await untilDone(() => writer.append(1n, Buffer.from('r'), signal))
    drive.loseAnswer()
    await untilDone(() => writer.renew(2n, 50, [], signal))
    const state = await writer.load(signal)
    t.match(state, { sequence: 2n, rootSequence: 1n, root: { endEpoch: 50 } })
    t.equal(state.inline.length, 1)
  })

  t.test('a change is recognised although others have made theirs since', async (t) => {
    const drive = await open(t)
    const [writer, other] = [await drive.newWriter(), await drive.newWriter()]
    await writer.commit(0n, numberedRoot(1), [], signal)
    await writer.append(1n, Buffer.from('ours'), signal)
    await other.renew(2n, 60, [], signal)
    await other.append(2n, Buffer.from('theirs'), signal)
    const again = () => writer.append(1n, Buffer.from('ours'), signal)
    t.equal((await again()).sequence, 2n, 'beside theirs')
    await other.commit(3n, numberedRoot(2), [], signal)
    await other.lease(1000, signal)
    t.equal((await again()).sequence, 2n, 'behind their commit')
    t.equal((await writer.commit(0n, numberedRoot(1), [], signal)).sequence, 1n)
    await rejectsWith(t, writer.append(1n, Buffer.from('another'), signal), 'conflict')
    await rejectsWith(t, writer.commit(0n, numberedRoot(3), [], signal), 'conflict')
    await rejectsWith(t, writer.commit(2n, numberedRoot(2), [], signal), 'conflict')

    const past: (readonly [bigint, number])[] = []
    for await (const { sequence, inline } of writer.past(signal)) {
      past.push([sequence, inline.length])
    }
    const expected = [
      [4n, 0], // before the lease
      [3n, 2],
      [2n, 1], // before the record
      [2n, 1], // before the renewal
      [1n, 0],
      [0n, 0],
    ]
    t.same(past.slice(0, expected.length), expected, 'newest first')
  })

  t.test('inline records are bounded', async (t) => {
    const writer = await (await open(t)).newWriter()
    const big = seededBytes(16_000, 'big')
    for (let at = 0n; at < 3n; at++) await writer.append(at, big, signal)
    await rejectsWith(t, writer.append(3n, big, signal), 'inline-full')
    await rejectsWith(t, writer.append(3n, new Uint8Array(0), signal), 'rejected')
    await rejectsWith(t, writer.append(3n, new Uint8Array(16_382), signal), 'rejected')
    t.equal((await writer.append(3n, Buffer.from('x'), signal)).sequence, 4n)
  })

  t.test('who has no capability only reads', async (t) => {
    const drive = await open(t)
    const [writer, reader] = [await drive.newWriter(), await drive.newReader()]
    t.equal(reader.writer, undefined)
    await rejectsWith(t, reader.commit(0n, numberedRoot(1), [], signal), 'read-only')
    await rejectsWith(t, reader.append(0n, Buffer.from('x'), signal), 'read-only')
    await rejectsWith(t, reader.lease(1000, signal), 'read-only')
    await drive.revoke(writer.writer)
    await rejectsWith(t, writer.commit(0n, numberedRoot(1), [], signal), 'read-only')
    await rejectsWith(t, writer.append(0n, Buffer.from('x'), signal), 'read-only')
    t.notOk((await reader.load(signal)).writers.includes(writer.writer))
  })

  t.test('a sealed drive is renewed, not changed', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter()
    await writer.commit(0n, numberedRoot(1), [], signal)
    await drive.seal()
    t.equal((await writer.load(signal)).sealed, true)
    await rejectsWith(t, writer.commit(1n, numberedRoot(2), [], signal), 'read-only')
    await rejectsWith(t, writer.append(1n, Buffer.from('x'), signal), 'read-only')
    await writer.renew(1n, 77, [], signal)
    t.equal((await writer.load(signal)).root?.endEpoch, 77)
  })

  t.test('a lease asks the others to wait', async (t) => {
    const drive = await open(t)
    const [one, two] = [await drive.newWriter(), await drive.newWriter()]
    const first = await one.lease(60_000, signal)
    const untilMs = await one.lease(120_000, signal)
    t.ok(untilMs > first, 'prolonged')
    t.same((await two.load(signal)).lease, { writer: one.writer, untilMs })
    await rejectsWith(t, two.lease(1000, signal), 'leased')
    await two.release(signal)
    t.match((await two.load(signal)).lease, { writer: one.writer }, "not another's to end")
    await two.commit(0n, numberedRoot(1), [], signal)
    await one.release(signal)
    t.equal((await two.load(signal)).lease, undefined)
    await two.lease(1000, signal)
    await rejectsWith(t, two.lease(24 * 3600 * 1000, signal), 'rejected')
  })

  t.test('without gas nothing moves', async (t) => {
    const drive = await open(t)
    const writer = await drive.newWriter({ sui: 0n })
    await rejectsWith(t, writer.commit(0n, numberedRoot(1), [], signal), 'no-gas')
    t.equal((await writer.load(signal)).sequence, 0n)
  })

  t.test('watching shows the present and what comes after it', async (t) => {
    const drive = await open(t)
    const [writer, reader] = [await drive.newWriter(), await drive.newReader()]
    await writer.commit(0n, numberedRoot(1), [], signal)
    const stop = new AbortController()
    const seen: ManifestState[] = []
    const watching = (async () => {
      for await (const state of reader.watch(stop.signal)) {
        seen.push(state)
        if (state.sequence === 1n) await writer.append(1n, Buffer.from('a'), signal)
        if (state.sequence === 2n) await writer.commit(2n, numberedRoot(2), [], signal)
        if (state.sequence === 3n) stop.abort()
      }
    })()
    await watching
    t.same(
      seen.map(({ sequence }) => sequence),
      [1n, 2n, 3n],
    )
    t.same(seen[2]!.root, numberedRoot(2))
  })

  t.test('watching shows a lease that is taken, prolonged and ended', async (t) => {
    const drive = await open(t)
    const [writer, reader] = [await drive.newWriter(), await drive.newReader()]
    const stop = new AbortController()
    const seen: (number | undefined)[] = []
    const made: number[] = []
    for await (const { lease, sequence } of reader.watch(stop.signal)) {
      t.equal(sequence, 0n)
      seen.push(lease?.untilMs)
      if (seen.length < 3) made.push(await writer.lease(60_000 * seen.length, signal))
      else if (seen.length === 3) await writer.release(signal)
      else stop.abort()
    }
    t.same(seen, [undefined, ...made, undefined])
  })

  t.test('history lists the roots, newest first', async (t) => {
    const writer = await (await open(t)).newWriter()
    t.same(await writer.history(10, signal), [])
    await writer.commit(0n, numberedRoot(1), [], signal)
    await writer.append(1n, Buffer.from('a'), signal)
    await writer.renew(2n, 40, [], signal)
    const { digest } = await writer.commit(2n, numberedRoot(2), [], signal)
    await writer.commit(3n, numberedRoot(3), [], signal)
    const past = await writer.history(10, signal)
    t.same(
      past.map(({ sequence, root }) => [sequence, root.hash]),
      [
        [4n, numberedRoot(3).hash],
        [3n, numberedRoot(2).hash],
        [1n, numberedRoot(1).hash],
      ],
    )
    t.equal(past[1]!.digest, digest)
    t.ok(past.every(({ timeMs }) => Math.abs(Date.now() - timeMs) < 600_000))
    t.equal((await writer.history(2, signal)).length, 2)
  })

  t.test('rejects with the reason of the signal', async (t) => {
    const writer = await (await open(t)).newWriter()
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    for (const work of [
      writer.load(aborted),
      writer.commit(0n, numberedRoot(1), [], aborted),
      writer.append(0n, Buffer.from('x'), aborted),
      writer.history(1, aborted),
    ]) {
      t.equal(await work.catch((error: unknown) => error), reason)
    }
    t.equal((await writer.load(signal)).sequence, 0n)
  })
}
