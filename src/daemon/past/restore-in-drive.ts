import type { ControlProgress } from '../../control/protocol.ts'
import type { RestoreReport } from '../../control/restore-report.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { Trouble } from '../../terms/trouble.ts'
import type { Inode } from '../../tree/inode.ts'
import { packRows } from '../../tree/pack-rows.ts'
import { Worktree } from '../../tree/worktree/worktree.ts'
import { inodeAt, isRegular, walk } from '../drive-files.ts'
import { refuseWhileLeased } from '../drive-lease.ts'
import type { Drive } from '../open-drive.ts'
import { chainTrouble } from '../renewal-report.ts'
import { findPast } from './find-past.ts'
import { KeptPast } from './kept-past.ts'
import type { Moment } from './moment.ts'
import { endedPacks } from './ended-packs.ts'
import { Planting } from './planting.ts'

/** What is to be brought back, and where to. */
export interface RestoreWish {
  readonly at: Moment
  readonly path: string
  /** Its path in the drive afterwards. */
  readonly into: string
}

/**
 * Brings a file or a directory of an earlier state back into the drive itself: new inodes that show the bytes which are stored
 * already. What stands there is renamed, and nothing is deleted. Everything is committed when it resolves. Throws Trouble.
 */
export async function restoreInDrive(
  drive: Drive,
  wish: RestoreWish,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const { writable, request, worktree, content } = drive
  const { name } = request.drive
  if (!writable) {
    throw new Trouble(
      'read-only',
      `${name} is opened read-only: restore to a local directory with --to`,
    )
  }
  refuseWhileLeased(drive)
  const state = await findPast(await KeptPast.open(content, worktree), wish.at, name)
  const past = new Worktree({ source: content, ...(state.base && { base: state.base }) })
  past.standOn(state.inline)
  const top = await inodeAt({ worktree: past }, wish.path)
  const { blobs, bytes } = await neededBy(past, top, signal)
  await refuseEnded(drive, blobs, signal)
  const planting = new Planting(drive, past, systemClock, signal)
  const planted = await planting.plant(top, wish.into, (done) =>
    progress({ step: 'restore', done, total: 0 }),
  )
  writable.handOver()
  try {
    const sequence = await writable.writeBack.sync(signal)
    await refuseCollected(drive, blobs, planted.path)
    const { timeMs } = state
    const from = { sequence: state.sequence, timeMs }
    return { drive: name, from, ...planted, bytes, sequence: String(sequence) }
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

/** The packs that the bytes lie in. Reads all of the tree that is to be restored, so that planting it finds everything. */
async function neededBy(
  past: Worktree,
  top: Inode,
  signal: AbortSignal,
): Promise<{ blobs: Set<BlobId>; bytes: number }> {
  const blobs = new Set<BlobId>()
  const met = new Set<Inode>()
  let bytes = 0
  for await (const { inode } of walk({ worktree: past }, top)) {
    signal.throwIfAborted()
    if (!isRegular(inode) || (inode.nlink > 1 && met.has(inode))) continue
    if (inode.nlink > 1) met.add(inode)
    bytes += inode.size
    for (const { source } of (await past.extents(inode)).all()) {
      if (source.kind === 'piece') blobs.add(source.piece.blob)
    }
  }
  return { blobs, bytes }
}

async function refuseEnded(
  drive: Drive,
  blobs: ReadonlySet<BlobId>,
  signal: AbortSignal,
): Promise<void> {
  const ended = await endedPacks(drive, blobs, signal)
  if (ended.length === 0) return
  const { name } = drive.request.drive
  throw new Trouble(
    'damaged',
    `the storage of ${ended.length} packs that it lies in has ended (the first: ${ended[0]}); nothing was changed: walrusfs revive ${name} --history stores them anew from a cache that has them`,
  )
}

/** A gc of another machine may have been faster. */
async function refuseCollected(
  { worktree, content, request }: Drive,
  blobs: ReadonlySet<BlobId>,
  path: string,
): Promise<void> {
  const { base } = worktree
  const rows = await packRows(base?.packs, content)
  const kept = new Set([...rows.map(({ blob }) => blob), base?.self.blob])
  const gone = [...blobs].filter((blob) => !kept.has(blob))
  if (gone.length === 0) return
  throw new Trouble(
    'conflict',
    `a gc on another machine has deleted what ${path} of ${request.drive.name} was restored from, at the same time: remove it`,
  )
}
