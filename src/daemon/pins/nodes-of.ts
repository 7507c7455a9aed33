import { PieceUse } from '../../tree/format/pack-format.ts'
import { neededPieces } from '../../tree/history/needed-pieces.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import type { Inode } from '../../tree/inode.ts'
import type { Drive } from '../open-drive.ts'

/**
 * The pieces of the committed tree that names and places of these inodes stand in, and what every start reads: the root record, the
 * tables of packs and of links.
 */
export async function nodesOf(
  { worktree, content }: Pick<Drive, 'worktree' | 'content'>,
  inos: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<PieceRef[]> {
  const { base } = worktree
  if (!base) return []
  const refs: PieceRef[] = []
  const isOther = (_: PieceRef, { ino }: { readonly ino: number | undefined }) =>
    ino !== undefined && !inos.has(ino)
  for await (const { ref, use } of neededPieces(content, base, isOther)) {
    signal.throwIfAborted()
    if (use !== PieceUse.data) refs.push(ref)
  }
  return refs
}

/** The directories that lead to an inode, the root last. */
export function* directoriesAbove(inode: Inode): Generator<Inode> {
  for (let at = inode; at.parent !== undefined && at.parent !== at; at = at.parent) yield at.parent
}
