import type { ControlProgress } from '../../control/protocol.ts'
import type { WarmupReport } from '../../control/warmup-report.ts'
import { FsError } from '../../terms/errno.ts'
import type { PieceHash } from '../../terms/piece-hash.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import { inodeAt } from '../drive-files.ts'
import type { Drive } from '../open-drive.ts'
import { fetchPieces } from './fetch-pieces.ts'
import { filesBelow } from './files-below.ts'

const progressEveryMs = 200
/** Files that are named in the report. */
const maxNamed = 100

/** A file that waits for pieces. */
interface Waiting {
  readonly path: string
  left: number
  why?: Error
}

/** Brings everything below paths of a mount into the disk cache. Throws Trouble `not-found`; what cannot be fetched stands in the report. */
export async function warmUp(
  drive: Drive,
  paths: readonly string[],
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<WarmupReport> {
  const { cache, request } = drive
  await cache.look()
  const plan = await planOf(drive, paths, signal)
  let [fetchedBytes, doneFiles] = [0, plan.presentFiles]
  let done = plan.presentBytes
  const tell = () =>
    progress({
      step: 'warmup',
      done,
      total: plan.bytes,
      files: { done: doneFiles, total: plan.files },
    })
  const timer = setInterval(tell, progressEveryMs)
  tell()
  const failed: Waiting[] = []
  const settled = (ref: PieceRef, failure?: Error) => {
    if (!failure) {
      fetchedBytes += ref.storedLength
      done += ref.storedLength
    }
    for (const file of plan.waiting.get(ref.hash)!.files) {
      if (failure) {
        if (!file.why) failed.push(file)
        file.why ??= failure
      }
      if (--file.left === 0 && !file.why) doneFiles++
    }
  }
  try {
    const refs = [...plan.waiting.values()].map(({ ref }) => ref)
    await fetchPieces(drive, refs, settled, signal)
    tell()
  } finally {
    clearInterval(timer)
  }
  const { files, bytes, presentBytes, localBytes } = plan
  return {
    drive: request.drive.name,
    files,
    bytes,
    presentBytes,
    fetchedBytes,
    localBytes,
    failedFiles: failed.length,
    failed: failed.slice(0, maxNamed).map(({ path, why }) => ({
      path,
      why: why!.message,
      again: why instanceof FsError && why.code !== 'EIO',
    })),
    cacheBytes: Math.max(0, request.settings.cacheBytes - cache.pinned.bytes),
  }
}

interface Plan {
  readonly waiting: ReadonlyMap<PieceHash, { readonly ref: PieceRef; readonly files: Waiting[] }>
  readonly files: number
  readonly bytes: number
  readonly presentBytes: number
  readonly presentFiles: number
  readonly localBytes: number
}

async function planOf(drive: Drive, paths: readonly string[], signal: AbortSignal): Promise<Plan> {
  const waiting = new Map<PieceHash, { ref: PieceRef; files: Waiting[] }>()
  const met = new Set<number>()
  const known = new Set<PieceHash>()
  let [bytes, presentBytes, presentFiles, localBytes] = [0, 0, 0, 0]
  for (const path of paths) {
    const top = await inodeAt(drive, path)
    for await (const found of filesBelow(drive, top, path, signal)) {
      if (found.kind === 'directory' || met.has(found.file.ino)) continue
      const { file } = found
      met.add(file.ino)
      localBytes += file.localBytes
      const missing = file.refs.filter((ref) => !drive.cache.isOnDisk(ref))
      for (const ref of file.refs) {
        if (known.has(ref.hash)) continue
        known.add(ref.hash)
        bytes += ref.storedLength
        if (drive.cache.isOnDisk(ref)) presentBytes += ref.storedLength
      }
      if (missing.length === 0) presentFiles++
      const one: Waiting = { path: file.path, left: missing.length }
      for (const ref of missing) {
        const asked = waiting.get(ref.hash)
        if (asked) asked.files.push(one)
        else waiting.set(ref.hash, { ref, files: [one] })
      }
    }
  }
  return { waiting, files: met.size, bytes, presentBytes, presentFiles, localBytes }
}
