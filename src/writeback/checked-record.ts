import type { ManifestRoot } from '../manifest/manifest.ts'
import type { EncodedBlob, RegisteredBlob, UploadedBlob } from '../store/blob-store.ts'
import { parseBlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import { damaged, FormatError } from '../tree/format-error.ts'
import type { CommitRecord, MadePack } from './commit-record.ts'

type Fields = Readonly<Record<string, unknown>>

/** The record that a journal's JSON says, and nothing more. Throws FormatError where it is none. */
export function checkedRecord(value: unknown): CommitRecord {
  const fields = fieldsOf(value)
  const { step } = fields
  switch (step) {
    case 'base':
      return { step, ...head(fields) }
    case 'begin':
      return {
        step,
        commit: whole(fields, 'commit'),
        stagingSegment: whole(fields, 'stagingSegment'),
      }
    case 'packed': {
      const packs = list(fields, 'packs').map(madePack)
      return { step, commit: whole(fields, 'commit'), packs, root: root(fields) }
    }
    case 'registered': {
      const blobs = list(fields, 'blobs').map((blob) => registered(fieldsOf(blob)))
      return { step, commit: whole(fields, 'commit'), blobs }
    }
    case 'uploaded': {
      const blob = uploaded(fieldsOf(fields['blob']))
      return { step, commit: whole(fields, 'commit'), blob }
    }
    case 'committed':
      return { step, commit: whole(fields, 'commit'), root: root(fields) }
    case 'appending': {
      const [expected, record] = [
        matched(fields, 'expected', sequence, same),
        bytes(fields, 'record'),
      ]
      return { step, commit: whole(fields, 'commit'), expected, record }
    }
    case 'appended':
      return { step, commit: whole(fields, 'commit'), inline: [], ...head(fields) }
    case 'abandoned':
      return { step, commit: whole(fields, 'commit') }
    case 'rebasing':
      return { step, segment: whole(fields, 'segment'), ...head(fields) }
    case 'rebased':
      return { step, segment: whole(fields, 'segment') }
    default:
      throw new FormatError('feature', `a commit has an unknown step ${JSON.stringify(step)}`)
  }
}

/** A tree, if there is one, and the manifest's records over it; journals of 0.1 know none of those. */
function head(fields: Fields): { root: ManifestRoot | undefined; inline?: readonly Uint8Array[] } {
  const tree = fields['root'] === undefined ? undefined : root(fields)
  if (fields['inline'] === undefined) return { root: tree }
  const records = list(fields, 'inline').map((record) => bytes({ record }, 'record'))
  return { root: tree, inline: records }
}

function root(record: Fields): ManifestRoot {
  const fields = fieldsOf(record['root'])
  return {
    format: whole(fields, 'format'),
    blob: matched(fields, 'blob', hash, parseBlobId),
    offset: whole(fields, 'offset'),
    length: whole(fields, 'length'),
    hash: matched(fields, 'hash', hash, (text) => text as PieceHash),
    usedBytes: whole(fields, 'usedBytes'),
    usedInodes: whole(fields, 'usedInodes'),
    endEpoch: whole(fields, 'endEpoch'),
  }
}

function madePack(pack: unknown): MadePack {
  const fields = fieldsOf(pack)
  return { file: matched(fields, 'file', fileName, same), ...encoded(fields) }
}

function encoded(fields: Fields): EncodedBlob {
  return {
    blobId: matched(fields, 'blobId', hash, parseBlobId),
    rootHash: bytes(fields, 'rootHash', 32),
    bytes: whole(fields, 'bytes'),
  }
}

function registered(fields: Fields): RegisteredBlob {
  const { deletable } = fields
  if (typeof deletable !== 'boolean') throw wrong('deletable')
  const objectId = matched(fields, 'objectId', objectIdText, (text) => text as ObjectId)
  return { ...encoded(fields), objectId, deletable, endEpoch: whole(fields, 'endEpoch') }
}

function uploaded(fields: Fields): UploadedBlob {
  const given = fieldsOf(fields['certificate'])
  const signers = list(given, 'signers').map((signer) => whole({ signer }, 'signer'))
  const serializedMessage = bytes(given, 'serializedMessage')
  const certificate = { signers, serializedMessage, signature: bytes(given, 'signature') }
  return { ...registered(fields), epoch: whole(fields, 'epoch'), certificate }
}

const hash = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
/** Of a manifest: a u64. */
const sequence = /^\d{1,20}$/
const objectIdText = /^0x[0-9a-f]{64}$/
/** In the directory of packs, and not somewhere else. */
const fileName = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.pack$/

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw damaged('a record of a commit is no object')
}

function whole(fields: Fields, name: string): number {
  const value = fields[name]
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw wrong(name)
}

function matched<T>(fields: Fields, name: string, form: RegExp, as: (text: string) => T): T {
  const value = fields[name]
  if (typeof value === 'string' && form.test(value)) return as(value)
  throw wrong(name)
}

function bytes(fields: Fields, name: string, length?: number): Uint8Array {
  const value = fields[name]
  if (value instanceof Uint8Array && (length ?? value.length) === value.length) return value
  throw wrong(name)
}

function list(fields: Fields, name: string): unknown[] {
  const value = fields[name]
  if (Array.isArray(value)) return value
  throw wrong(name)
}

function same(text: string): string {
  return text
}

function wrong(name: string): FormatError {
  return damaged(`${name} of a record of a commit is not what it has to be`)
}
