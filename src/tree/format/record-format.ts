import type { Change } from '../change.ts'
import { damaged, FormatError } from '../format-error.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { decodeChange, encodeChange } from './change-format.ts'

const recordFormat = 1
const knownRecordFeatures = 0
const maxWriterBytes = 255

/** What may stand in a record: whole inodes, names, totals. */
export type RecordChange = Extract<Change, { type: 'inode' | 'name' | 'totals' }>

/** Changes that lie in the manifest itself, as one writer appended them at one moment. */
export interface InlineRecord {
  /** Wall clock, ms. */
  readonly timeMs: number
  /** Who made it: a host name, for people. */
  readonly writer: string
  /** The totals are the last one. */
  readonly changes: readonly RecordChange[]
}

/** The record's bytes; undefined as soon as they are more than the limit. */
export function encodeRecord(
  { timeMs, writer }: Pick<InlineRecord, 'timeMs' | 'writer'>,
  changes: Iterable<RecordChange>,
  limit: number,
): Uint8Array | undefined {
  const out = new ByteWriter()
  out.u8(recordFormat)
  out.varint(knownRecordFeatures)
  out.varint(timeMs)
  out.sized(Buffer.from(writer).subarray(0, maxWriterBytes))
  for (const change of changes) {
    out.sized(encodeChange(change))
    if (out.length > limit) return undefined
  }
  return out.taken()
}

/** The inverse. Throws FormatError. */
export function decodeRecord(bytes: Uint8Array): InlineRecord {
  const input = new ByteReader(bytes)
  const version = input.u8()
  if (version !== recordFormat) {
    throw new FormatError('version', `it has format ${version}; this program knows ${recordFormat}`)
  }
  const features = input.varint()
  if (features > knownRecordFeatures) {
    throw new FormatError('feature', `it has unknown features (${features})`)
  }
  const timeMs = input.varint()
  const writer = Buffer.from(input.sized(maxWriterBytes, 'a writer')).toString()
  const changes: RecordChange[] = []
  while (input.remaining > 0) {
    if (changes.at(-1)?.type === 'totals') throw damaged('changes follow the totals')
    changes.push(checked(decodeChange(input.sized(input.remaining, 'a change'))))
  }
  if (changes.at(-1)?.type !== 'totals') throw damaged('it has no totals')
  return { timeMs, writer, changes }
}

function checked(change: Change): RecordChange {
  if (change.type !== 'inode' && change.type !== 'name' && change.type !== 'totals') {
    throw damaged(`a change of type ${change.type} stands in it`)
  }
  if (change.type === 'inode' && change.inode.extentList?.sliceBytes) {
    throw damaged('a slice stands in it')
  }
  return change
}
