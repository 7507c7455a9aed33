import { test } from 'tap'
import type { ManifestRoot } from '../../src/manifest/manifest.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import type { Change } from '../../src/tree/change.ts'
import {
  type CommitRecord,
  decodeCommitRecord,
  encodeCommitRecord,
} from '../../src/writeback/commit-record.ts'
import { faultOf } from '../tree/fault-of.ts'
import { historyOfState } from '../../src/writeback/history-of-state.ts'
import type { StateRecord } from '../../src/writeback/state-log.ts'

function root(n: number): ManifestRoot {
  const blob = blobIdFromBytes(new Uint8Array(32).fill(n))
  const sizes = { usedBytes: n, usedInodes: 1, endEpoch: 9 }
  return { format: 1, blob, offset: 0, length: 10, hash: pieceHashOf(Buffer.of(n)), ...sizes }
}

function change(segment: number, name: string): StateRecord {
  const time = { sec: 0, nsec: 0 }
  const made: Change = { type: 'unlink', parent: 1, name: nameFromText(name), time }
  return { kind: 'change', segment, change: made }
}

function step(segment: number, record: CommitRecord): StateRecord {
  return { kind: 'commit', segment, record }
}

function names(changes: readonly Change[]): string[] {
  return changes.map((one) => (one.type === 'unlink' ? one.name : one.type))
}

const begin = (commit: number) => step(commit, { step: 'begin', commit, stagingSegment: 1 })

test('a new state directory knows nothing', async (t) => {
  const history = historyOfState([])
  t.notOk(history.known)
  t.equal(history.interrupted, undefined)
})

test('changes before any commit are relative to the base', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: root(1) }),
    change(1, 'a'),
    change(2, 'b'),
  ])
  t.same(history.base, { root: root(1), inline: [] })
  t.same(names(history.before), ['a', 'b'])
  t.same(history.after, [])
})

test('an interrupted commit divides the changes', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: undefined }),
    change(1, 'in'),
    begin(2),
    change(2, 'out'),
    step(2, { step: 'packed', commit: 2, packs: [], root: root(2) }),
  ])
  t.same(names(history.before), ['in'])
  t.same(names(history.after), ['out'])
  t.same(history.interrupted?.root, root(2))
  t.equal(history.interrupted?.registered, undefined)
})

test('what a finished commit took does not count any more', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: undefined }),
    change(1, 'in'),
    begin(2),
    change(2, 'out'),
    step(2, { step: 'committed', commit: 2, root: root(2) }),
    change(2, 'later'),
  ])
  t.same(history.base, { root: root(2), inline: [] })
  t.same(names(history.before), ['out', 'later'])
  t.equal(history.interrupted, undefined)
})

test('an abandoned commit’s changes count again, in order', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: root(1) }),
    change(1, 'a'),
    begin(2),
    change(2, 'b'),
    step(2, { step: 'abandoned', commit: 2 }),
    begin(3),
    change(3, 'c'),
  ])
  t.same(names(history.before), ['a', 'b'])
  t.same(names(history.after), ['c'])
  t.equal(history.interrupted?.commit, 3)
})

test('a rebase replaces everything before it', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: root(1) }),
    change(1, 'old'),
    step(2, { step: 'rebasing', segment: 2, root: root(5) }),
    change(2, 'restated'),
    step(2, { step: 'rebased', segment: 2 }),
    change(2, 'new'),
  ])
  t.same(history.base, { root: root(5), inline: [] })
  t.same(names(history.before), ['restated', 'new'])
})

test('a rebase without an end never happened', async (t) => {
  const history = historyOfState([
    step(1, { step: 'base', root: root(1) }),
    change(1, 'old'),
    step(2, { step: 'rebasing', segment: 2, root: root(5) }),
    change(2, 'restated'),
    change(3, 'after the crash'),
  ])
  t.same(history.base, { root: root(1), inline: [] })
  t.same(names(history.before), ['old', 'after the crash'])
})

test('packs made anew forget what was registered before', async (t) => {
  const blob = {
    blobId: root(7).blob,
    rootHash: new Uint8Array(32),
    bytes: 5,
    objectId: parseObjectId('0x7'),
    deletable: true,
    endEpoch: 3,
  }
  const packed = step(2, { step: 'packed', commit: 2, packs: [], root: root(2) })
  const registered = step(2, { step: 'registered', commit: 2, blobs: [blob] })
  t.equal(historyOfState([begin(2), packed, registered]).interrupted?.registered?.length, 1)
  t.equal(historyOfState([begin(2), packed, registered, packed]).interrupted?.registered, undefined)
})

test('records of commits survive as bytes, byte arrays included', async (t) => {
  const certificate = {
    signers: [0, 2, 3],
    serializedMessage: Buffer.from('message'),
    signature: new Uint8Array(96).fill(7),
  }
  const record: CommitRecord = {
    step: 'uploaded',
    commit: 4,
    blob: {
      blobId: root(7).blob,
      rootHash: new Uint8Array(32).fill(1),
      bytes: 5,
      objectId: parseObjectId('0x7'),
      deletable: true,
      endEpoch: 3,
      epoch: 1,
      certificate,
    },
  }
  const back = decodeCommitRecord(encodeCommitRecord(record))
  t.same(back, {
    ...record,
    blob: {
      ...record.blob,
      certificate: {
        ...certificate,
        serializedMessage: new Uint8Array(certificate.serializedMessage),
      },
    },
  })
})

test('what no commit has written is refused as such', async (t) => {
  const made = { file: '3-0.pack', bytes: 5, blobId: root(7).blob, rootHash: new Uint8Array(32) }
  const packed = { step: 'packed', commit: 3, packs: [made], root: root(2) } as const
  const fault = (record: unknown) =>
    faultOf(() => decodeCommitRecord(encodeCommitRecord(record as CommitRecord)))
  t.equal(fault(packed), undefined)
  for (const file of ['../3-0.pack', '/3-0.pack', '..', 'a/b.pack', '.pack', 'journal', 5]) {
    t.equal(fault({ ...packed, packs: [{ ...made, file }] }), 'damaged', String(file))
  }
  t.equal(fault({ ...packed, packs: [{ ...made, rootHash: 'text' }] }), 'damaged')
  t.equal(fault({ ...packed, packs: {} }), 'damaged')
  t.equal(fault({ ...packed, root: { ...root(2), offset: -1 } }), 'damaged')
  t.equal(fault({ ...packed, commit: 2 ** 60 }), 'damaged')
  t.equal(fault({ step: 'polished', commit: 3 }), 'feature')
  t.equal(fault(null), 'damaged')
  for (const text of [
    '',
    '{',
    '['.repeat(100_000),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ]) {
    t.equal(
      faultOf(() => decodeCommitRecord(Buffer.from(text))),
      'damaged',
      text.slice(0, 10),
    )
  }
})

test('a record in the manifest is a base for what comes after it', async (t) => {
  const record = new Uint8Array([1, 2, 3])
  const appending = step(2, { step: 'appending', commit: 2, expected: '7', record })
  const before = [step(1, { step: 'base', root: root(1) }), change(1, 'in'), begin(2), appending]
  const interrupted = historyOfState([...before, change(2, 'out')])
  t.same(interrupted.interrupted?.append, { expected: 7n, bytes: record })
  t.same(names(interrupted.before), ['in'])
  const appended = step(2, { step: 'appended', commit: 2, root: root(1), inline: [record] })
  const history = historyOfState([...before, change(2, 'out'), appended, change(2, 'later')])
  t.same(history.base, { root: root(1), inline: [record] })
  t.same(names(history.before), ['out', 'later'])
  t.equal(history.interrupted, undefined)
})

test('records of the manifest survive as bytes in the journal', async (t) => {
  const inline = [Buffer.from([1, 2]), new Uint8Array([255])]
  const record: CommitRecord = { step: 'appended', commit: 4, root: root(3), inline }
  const back = decodeCommitRecord(encodeCommitRecord(record))
  t.same(back, { ...record, inline: inline.map((bytes) => new Uint8Array(bytes)) })
})
