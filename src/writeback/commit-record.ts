import type { ManifestRoot } from '../manifest/manifest.ts'
import type { RegisteredBlob, UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { FormatError } from '../tree/format-error.ts'
import { checkedRecord } from './checked-record.ts'

/** A pack that was made for a commit: its file lies in the state directory until the commit is done. */
export interface MadePack {
  /** File name in the directory of packs. */
  readonly file: string
  readonly bytes: number
  readonly blobId: BlobId
  /** 32 bytes. */
  readonly rootHash: Uint8Array
}

/** Those of the manifest over its root, oldest first. Journals of 0.1 know none. */
type Records = readonly Uint8Array[]

/**
 * The steps of commits in the journal. Each is on stable storage before the next step begins, so that a crash anywhere is
 * followed by "hand back the last step", never by a guess. `commit` is the number of the journal segment that begins
 * with it: changes in lower segments are in the commit, those from it on are not.
 */
export type CommitRecord =
  /** First in a state directory: what the changes below are relative to. */
  | { readonly step: 'base'; readonly root: ManifestRoot | undefined; readonly inline?: Records }
  /** The worktree was frozen. */
  | { readonly step: 'begin'; readonly commit: number; readonly stagingSegment: number }
  /**
   * Its packs are complete. Which slice went where and what each node became is not kept here: the same plan over the
   * same frozen tree meets the pieces of the packs' indices in the same order.
   */
  | {
      readonly step: 'packed'
      readonly commit: number
      readonly packs: readonly MadePack[]
      readonly root: ManifestRoot
    }
  | {
      readonly step: 'registered'
      readonly commit: number
      readonly blobs: readonly RegisteredBlob[]
    }
  | { readonly step: 'uploaded'; readonly commit: number; readonly blob: UploadedBlob }
  /** The manifest names it. */
  | { readonly step: 'committed'; readonly commit: number; readonly root: ManifestRoot }
  /** The changes are to go into the manifest as this record, behind that sequence number. */
  | {
      readonly step: 'appending'
      readonly commit: number
      readonly expected: string
      readonly record: Uint8Array
    }
  /** The manifest has it: the last of these. */
  | {
      readonly step: 'appended'
      readonly commit: number
      readonly root: ManifestRoot | undefined
      readonly inline: Records
    }
  /** Given up (someone else was first, or its packs are lost): its changes are uncommitted again. */
  | { readonly step: 'abandoned'; readonly commit: number }
  /**
   * The changes from segment `segment` on, up to the next record `rebased`, state all that differs from this. Without
   * a `rebased` behind it, it never happened.
   */
  | {
      readonly step: 'rebasing'
      readonly segment: number
      readonly root: ManifestRoot | undefined
      readonly inline?: Records
    }
  | { readonly step: 'rebased'; readonly segment: number }

/** As JSON, with bytes in base64. */
export function encodeCommitRecord(record: CommitRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record, bytesAsBase64))
}

/** Looks at the value itself: a Buffer would come here as its own toJSON. */
function bytesAsBase64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key]
  return raw instanceof Uint8Array ? { $base64: Buffer.from(raw).toString('base64') } : value
}

/** The inverse. Throws FormatError for what is no record. */
export function decodeCommitRecord(bytes: Uint8Array): CommitRecord {
  return checkedRecord(parsed(Buffer.from(bytes).toString('utf8')))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      isBase64(value) ? new Uint8Array(Buffer.from(value.$base64, 'base64')) : value,
    )
  } catch (cause) {
    throw new FormatError('damaged', 'a record of a commit is no JSON', { cause })
  }
}

function isBase64(value: unknown): value is { readonly $base64: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$base64' in value &&
    typeof value.$base64 === 'string'
  )
}
