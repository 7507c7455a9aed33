import { crc32 } from 'node:zlib'
import {
  encodeHeader,
  encodeMark,
  frameBytes,
  FrameKind,
  frameLength,
  frameLengthAt,
  headerBytes,
  putFrame,
  seedOf,
} from '../../../src/journal/frame.ts'
import { JournalFormatError } from '../../../src/journal/journal.ts'
import { segmentPath, segmentsAmong } from '../../../src/journal/segment-file.ts'
import { recordsOf, surveySegment } from '../../../src/journal/survey.ts'
import { judge } from '../../../src/journal/verdict.ts'
import { FsError } from '../../../src/terms/errno.ts'
import { encodeChange } from '../../../src/tree/format/change-format.ts'
import { encodeCommitRecord } from '../../../src/writeback/commit-record.ts'
import { historyOfState } from '../../../src/writeback/history-of-state.ts'
import { StateRecordError, stateRecords } from '../../../src/writeback/state-log.ts'
import { bootId, directory } from '../../journal/scratch-journal.ts'
import { SimulatedDisk } from '../../runtime/simulated-disk.ts'
import { anyChange } from '../../tree/any-change.ts'
import { expect } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { commitRecords } from './commit-records.ts'
import { samples } from './tree-nodes.ts'

const change = Uint8Array.of(1)
const commit = Uint8Array.of(2)

/** Whole segments, one behind the other, each with its length in 4 bytes before it. */
function files(input: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 4 <= input.length;) {
    const length = Math.min(input.readUInt32LE(at) & 0xffff, input.length - at - 4)
    found.push(input.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

function segmentFile(
  segment: number,
  previousEnd: number,
  payloads: readonly Uint8Array[],
): Buffer {
  const header = encodeHeader({ segment, boot: bootId(0), previousEnd })
  const salt = header.readUInt32LE(headerBytes - 4)
  const frames = payloads.map((payload) => frame(FrameKind.record, salt, payload))
  const here = { segment, offset: headerBytes + Buffer.concat(frames).length }
  const mark = encodeMark({ covered: here, durable: here, first: 1 })
  return Buffer.concat([header, ...frames, frame(FrameKind.mark, salt, mark)])
}

function frame(kind: FrameKind, salt: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(frameLength(payload.length))
  putFrame(bytes, 0, kind, seedOf(kind, salt), payload)
  return bytes
}

function withLength(file: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(file.length)
  return Buffer.concat([length, file])
}

function seedsOfSegments(): Buffer[] {
  const records = samples(anyChange, 6).map((one) => Buffer.concat([change, encodeChange(one)]))
  const first = segmentFile(1, 0, records)
  const second = segmentFile(2, first.length, [Buffer.from('some'), Buffer.from('records')])
  return [withLength(first), Buffer.concat([withLength(first), withLength(second)])]
}

/** Checksums of header and frames as they would have to be; lengths as far as they are ones. */
function mendSegments(input: Buffer): void {
  for (const file of files(input)) {
    if (file.length < headerBytes) continue
    file.writeUInt32LE(crc32(file.subarray(0, headerBytes - 4)), headerBytes - 4)
    const salt = file.readUInt32LE(headerBytes - 4)
    for (let at = headerBytes; at + frameBytes < file.length;) {
      const length = frameLengthAt(file, at) ?? mendLength(file, at)
      const body = file.subarray(at + frameBytes, at + length)
      file.writeUInt32LE(crc32(body, salt), at + 4)
      at += length
    }
  }
}

function mendLength(file: Buffer, at: number): number {
  const body = Math.max(1, file.readUIntLE(at, 3) & 0x3ff)
  file.writeUInt32LE((body | ((0x5a ^ body ^ (body >> 8) ^ (body >> 16)) << 24)) >>> 0, at)
  return frameBytes + body
}

const segments: FuzzTarget = {
  name: 'journal-segments',
  refusals: [JournalFormatError, FsError],
  seeds: seedsOfSegments,
  mend: mendSegments,
  // Windows of the files, and the disk that the test keeps them on.
  memory: (input) => 64 * 1024 + 64 * input.length,
  decode: (input) => {
    const given = files(input).slice(0, 8)
    const paths = given.map((file, at) => [segmentPath(directory, at + 1), file] as const)
    const disk = new SimulatedDisk(new Map(paths))
    const surveys = segmentsAmong(disk.list(directory)).map((segment) =>
      surveySegment(disk, directory, segment),
    )
    const verdict = judge(surveys, bootId(0))
    expect(disk.openDescriptors === 0, 'all files are closed')
    for (const survey of verdict.row) {
      expect(survey.wholeEnd <= survey.size, 'a segment ends in its file')
      const records = [...recordsOf(disk, directory, survey.segment, survey.wholeEnd)]
      expect(records.length === survey.records, 'its records are found again')
    }
  },
}

/** Records of the state directory, each with its length in 4 bytes before it. */
const stateJournal: FuzzTarget = {
  name: 'state-records',
  refusals: [StateRecordError],
  seeds: () => {
    const commits = commitRecords.map((one) => Buffer.concat([commit, encodeCommitRecord(one)]))
    const changes = samples(anyChange, 8).map((one) => Buffer.concat([change, encodeChange(one)]))
    return [...commits, Buffer.concat(commits.map(withLength)), ...changes].map((one, at) =>
      at === commits.length ? one : withLength(one),
    )
  },
  words: [
    '"step":"',
    'base',
    'begin',
    'packed',
    'registered',
    'uploaded',
    'committed',
    '"file":"../',
    'null',
    '{"$base64":""}',
    '[[[[',
    '1e999',
    '-1',
    '"__proto__":',
  ],
  memory: (input) => 64 * 1024 + 64 * input.length,
  decode: (input) => {
    const records = files(input).map((payload, at) => ({ segment: 1 + (at >> 2), payload }))
    const history = historyOfState(stateRecords(records))
    const { interrupted, base } = history
    for (const { file, bytes, rootHash } of interrupted?.packs ?? []) {
      expect(
        /^[^/\0]+$/.test(file) && file !== '..' && file !== '.',
        'a pack lies in its directory',
      )
      expect(Number.isSafeInteger(bytes) && bytes >= 0 && rootHash.length === 32, 'a pack can be')
    }
    for (const root of [base.root, interrupted?.root]) {
      if (root)
        expect(Number.isSafeInteger(root.offset) && root.hash.length === 43, 'a root can be')
    }
    for (const { blobId, objectId } of interrupted?.registered ?? []) {
      expect(blobId.length === 43 && objectId.length === 66, 'a blob can be')
    }
  },
}

export const journal: readonly FuzzTarget[] = [segments, stateJournal]
