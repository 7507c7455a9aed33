import type { Inode } from '../../tree/inode.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import { isDirectory, isRegular, textOf, walk } from '../drive-files.ts'
import type { Drive } from '../open-drive.ts'

/** A regular file with where its bytes are. */
export interface StoredFile {
  /** In the drive, for people. */
  readonly path: string
  readonly ino: number
  readonly refs: readonly PieceRef[]
  /** Bytes that are only on this machine. */
  readonly localBytes: number
}

/** What is met below an inode: files, each once however many names it has, and directories. */
export type Met =
  | { readonly kind: 'file'; readonly file: StoredFile }
  | { readonly kind: 'directory'; readonly ino: number }

/** All below an inode that lies at a path, itself included. Loads the names; throws what loading them throws. */
export async function* filesBelow(
  drive: Pick<Drive, 'worktree'>,
  top: Inode,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Met> {
  const met = new Set<number>()
  for await (const { path: below, inode } of walk(drive, top)) {
    signal.throwIfAborted()
    if (isDirectory(inode)) yield { kind: 'directory', ino: inode.ino }
    if (!isRegular(inode) || met.has(inode.ino)) continue
    if (inode.nlink > 1) met.add(inode.ino)
    const whole = below === '' ? path : `${path === '/' ? '' : path}/${textOf(below)}`
    yield { kind: 'file', file: await stored(drive, inode, whole) }
  }
}

async function stored(
  { worktree }: Pick<Drive, 'worktree'>,
  inode: Inode,
  path: string,
): Promise<StoredFile> {
  const refs: PieceRef[] = []
  let localBytes = 0
  for (const { start, end, source } of (await worktree.extents(inode)).all()) {
    if (source.kind === 'piece') refs.push(source.piece)
    else if (source.kind === 'slice') localBytes += end - start
  }
  return { path, ino: inode.ino, refs, localBytes }
}
