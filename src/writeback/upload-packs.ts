import { join } from 'node:path'
import PQueue from 'p-queue'
import type { BlobStore, UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { MadePack } from './commit-record.ts'
import {
  distinctPacks,
  packBytes,
  type PackedCommit,
  type PendingCommit,
} from './pending-commit.ts'

/** How packs are sent. */
export interface PackUpload {
  readonly store: Pick<BlobStore, 'upload'>
  readonly directory: string
  /** Packs sent at the same time. */
  readonly concurrency: number
  /** A quorum of nodes holds one more. */
  readonly onUploaded: (blob: UploadedBlob) => void
  /** Bytes of packs sent, of all. */
  readonly progress: (done: number, total: number) => void
}

/** Sends the packs of a commit that are not uploaded yet. The first failure ends the others, then it is thrown. */
export async function uploadPacks(
  pending: Pick<PendingCommit, 'registered' | 'uploaded'>,
  packed: Pick<PackedCommit, 'packs'>,
  upload: PackUpload,
  signal: AbortSignal,
): Promise<void> {
  const total = packBytes(packed)
  const done = new Map<BlobId, number>()
  const tell = () =>
    upload.progress(
      [...done.values()].reduce((sum, bytes) => sum + bytes, 0),
      total,
    )
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const send = async (pack: MadePack): Promise<void> => {
    const blob = pending.registered?.find(({ blobId }) => blobId === pack.blobId)
    if (!blob) throw new Error('a pack was not registered')
    const file = { path: join(upload.directory, pack.file), bytes: pack.bytes }
    const share = (sent: number, all: number) => {
      done.set(pack.blobId, all ? (sent / all) * pack.bytes : 0)
      tell()
    }
    const uploaded = await upload.store.upload(blob, file, share, either)
    pending.uploaded.set(pack.blobId, uploaded)
    done.set(pack.blobId, pack.bytes)
    upload.onUploaded(uploaded)
  }
  const [sent, left] = partition(distinctPacks(packed), ({ blobId }) =>
    pending.uploaded.has(blobId),
  )
  for (const { blobId, bytes } of sent) done.set(blobId, bytes)
  tell()
  const queue = new PQueue({ concurrency: upload.concurrency })
  const sending = left.map((pack) => queue.add(() => send(pack), { signal: either }))
  try {
    await Promise.all(sending)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(sending)
    throw error
  }
}

function partition<T>(all: readonly T[], first: (item: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((item) => !first(item))]
}
