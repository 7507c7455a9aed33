import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlProgress } from '../control/protocol.ts'
import { contentTypeOf } from '../foreign/publish/content-types.ts'
import { FitError, makeQuilt } from '../foreign/publish/make-quilts.ts'
import { planQuilts, TooLargeError } from '../foreign/publish/plan-quilts.ts'
import { patchId, type PatchPlace } from '../foreign/quilt/quilt-format.ts'
import { StoreError } from '../store/blob-store.ts'
import type {
  BlobStore,
  EncodedBlob,
  PackFile,
  RegisteredBlob,
  TransactionPart,
} from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { pieceHashOf, type PieceHash } from '../terms/piece-hash.ts'
import { Trouble } from '../terms/trouble.ts'
import { contentsOf, type LocalFile } from './publish-files.ts'

/** So often a commit is tried when an epoch ends before it. */
const maxTries = 3

/** A published file. */
export interface PublishedFile {
  readonly path: string
  readonly bytes: number
  readonly hash: PieceHash
  readonly contentType: string
  readonly place: PatchPlace
  /** The id under which aggregators serve it. */
  readonly patchId: string
}

/** Files that are stored together. */
export interface PublishedQuilt {
  readonly blobId: BlobId
  readonly objectId: ObjectId
  /** First epoch in which it is no longer stored. */
  readonly endEpoch: number
  readonly deletable: boolean
  readonly bytes: number
  readonly files: readonly PublishedFile[]
}

export interface PublishQuiltsRequest {
  readonly files: readonly LocalFile[]
  readonly store: BlobStore
  readonly epochs: number
  readonly permanent: boolean
  /** A directory of its own is made in it for the time. */
  readonly scratch: string
  readonly progress: (progress: ControlProgress) => void
}

/** A quilt that is made and waits in a file. */
interface WaitingQuilt {
  readonly pack: PackFile
  readonly encoded: EncodedBlob
  readonly files: readonly PublishedFile[]
}

/**
 * Stores files as quilts: all are made first, then paid for, then sent, and certified in one transaction, so that there are all of them
 * or none. What is stored already, or was paid for and not finished, is taken. Throws Trouble, StoreError.
 */
export async function publishQuilts(
  request: PublishQuiltsRequest,
  signal: AbortSignal,
): Promise<PublishedQuilt[]> {
  mkdirSync(request.scratch, { recursive: true, mode: 0o700 })
  const directory = mkdtempSync(join(request.scratch, 'publish-'))
  try {
    const waiting = await makeAll(request, directory, signal)
    return await storeAll(request, waiting, signal)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function makeAll(
  { files, store, permanent, progress }: PublishQuiltsRequest,
  directory: string,
  signal: AbortSignal,
): Promise<WaitingQuilt[]> {
  const { shards } = await store.limits(signal)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const waiting: WaitingQuilt[] = []
  let done = 0
  const groups = planned(files, shards)
  for (let group = groups.shift(); group; group = groups.shift()) {
    signal.throwIfAborted()
    progress({ step: 'encode', done, total })
    const made = madeOf(group, shards)
    if (!made) {
      const middle = Math.ceil(group.length / 2)
      groups.unshift(group.slice(0, middle), group.slice(middle))
      continue
    }
    const pack = { path: join(directory, `${waiting.length}`), bytes: made.bytes.length }
    writeFileSync(pack.path, made.bytes)
    const encoded = { ...(await store.encode(pack, signal)), permanent }
    waiting.push({ pack, encoded, files: made.filesIn(encoded.blobId) })
    done += group.reduce((sum, { bytes }) => sum + bytes, 0)
  }
  return waiting
}

function planned(files: readonly LocalFile[], shards: number): LocalFile[][] {
  try {
    return planQuilts(files, shards)
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error
    throw new Trouble('usage', `${error.message}; nothing was published`, { cause: error })
  }
}

/** Undefined where they do not fit together. */
function madeOf(
  group: readonly LocalFile[],
  shards: number,
): { bytes: Uint8Array; filesIn: (blob: BlobId) => PublishedFile[] } | undefined {
  const loaded = group.map((file) => {
    const contentType = contentTypeOf(file.path)
    const tags = { 'content-type': contentType }
    return { path: file.path, contents: contentsOf(file), contentType, tags }
  })
  try {
    const { bytes, places } = makeQuilt(loaded, shards)
    const known = loaded.map(({ path, contents, contentType }) => {
      const place = places.get(path)!
      return { path, bytes: contents.length, hash: pieceHashOf(contents), contentType, place }
    })
    const filesIn = (blob: BlobId) =>
      known.map((file) => ({ ...file, patchId: patchId(blob, file.place) }))
    return { bytes, filesIn }
  } catch (error) {
    if (!(error instanceof FitError)) throw error
    if (group.length > 1) return undefined
    const { path } = group[0]!
    throw new Trouble('usage', `no quilt holds ${path} (${error.message}); nothing was published`, {
      cause: error,
    })
  }
}

async function storeAll(
  { store, epochs, progress }: PublishQuiltsRequest,
  waiting: readonly WaitingQuilt[],
  signal: AbortSignal,
): Promise<PublishedQuilt[]> {
  const blobs = waiting.map(({ encoded }) => encoded)
  const registered = await store.register(blobs, epochs, signal)
  const objects = await store.objects(
    registered.map(({ objectId }) => objectId),
    signal,
  )
  const left = waiting
    .map((quilt, i) => ({ ...quilt, blob: registered[i]! }))
    .filter((_, i) => objects[i]?.certified !== true)
  for (let tried = 1; ; tried++) {
    try {
      await sendAll(store, left, progress, signal)
      break
    } catch (error) {
      // An epoch has ended meanwhile: nodes that have everything only sign again.
      const isStale = error instanceof StoreError && error.code === 'stale-epoch'
      if (!isStale || tried >= maxTries) throw error
    }
  }
  await store.settle(signal)
  return waiting.map((quilt, i) => publishedOf(quilt, registered[i]!))
}

async function sendAll(
  store: BlobStore,
  quilts: readonly (WaitingQuilt & { readonly blob: RegisteredBlob })[],
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const total = quilts.reduce((sum, { pack }) => sum + pack.bytes, 0)
  const parts: TransactionPart[] = []
  let done = 0
  for (const { pack, blob } of quilts) {
    const share = (sent: number, all: number): void =>
      progress({ step: 'upload', done: done + (sent / Math.max(all, 1)) * pack.bytes, total })
    parts.push(store.certify(await store.upload(blob, pack, share, signal)))
    done += pack.bytes
  }
  progress({ step: 'commit', done, total })
  if (parts.length > 0) await store.execute(parts, signal)
}

function publishedOf({ pack, files }: WaitingQuilt, blob: RegisteredBlob): PublishedQuilt {
  const { blobId, objectId, endEpoch, deletable } = blob
  return { blobId, objectId, endEpoch, deletable, bytes: pack.bytes, files }
}
