import { nameToText, type Name } from '../terms/name.ts'
import { linkedNames } from '../tree/history/linked-names.ts'
import { neededPieces, type NeededPiece } from '../tree/history/needed-pieces.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'

/** Names the place of a piece and what it must hold. */
export function pieceKey(blob: string, offset: number, hash: string): string {
  return `${blob} ${offset} ${hash}`
}

/**
 * Whom damaged pieces hurt, by their keys: paths of files; of directories, with `/` behind, all whose names lie in the piece;
 * what is not a path stands in brackets. Snapshots come latest first; a path is told of the latest that it is hurt in, with `@SEQUENCE:`
 * before it where that is not the last.
 */
export async function hurtPaths(
  source: NodeSource,
  snapshots: readonly RootRecord[],
  damaged: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const hurt = new Map<string, Map<string, string>>()
  const walked = new Set<string>()
  for (const [age, root] of snapshots.entries()) {
    const prefix = age === 0 ? '' : `@${root.sequence}:`
    const add = (key: string, text: string) => {
      const known = hurt.get(key) ?? new Map<string, string>()
      hurt.set(key, known)
      if (!known.has(text)) known.set(text, `${prefix}${text}`)
    }
    const linked = new Map<number, string[]>()
    const isKnown = ({ blob, offset }: PieceRef) => {
      const place = `${blob} ${offset}`
      return walked.size === walked.add(place).size
    }
    for await (const piece of neededPieces(source, root, isKnown, () => signal.throwIfAborted())) {
      const { ref, ino } = piece
      const key = pieceKey(ref.blob, ref.offset, ref.hash)
      if (!damaged.has(key)) continue
      const text = textOf(piece)
      if (text !== undefined) add(key, text)
      else linked.set(ino!, [...(linked.get(ino!) ?? []), key])
    }
    if (linked.size === 0) continue
    const names = await linkedNames(source, root, new Set(linked.keys()))
    for (const [ino, keys] of linked) {
      const paths = names.get(ino)?.map(pathText) ?? [`(the file of number ${ino})`]
      for (const key of keys) for (const path of paths) add(key, path)
    }
  }
  return new Map([...hurt].map(([key, paths]) => [key, [...paths.values()]]))
}

/** Undefined for what belongs to a file of several names. */
function textOf({ of, use, path, ino }: NeededPiece): string | undefined {
  if (of === undefined) return '(the root record: everything)'
  if (of === 'packs') return '(the table of packs)'
  if (path) {
    const isNames = of === 'directory' && use !== 0
    return isNames && path.length > 0 ? `${pathText(path)}/` : pathText(path)
  }
  return ino === undefined ? '(the table of hard links: all files with several names)' : undefined
}

function pathText(path: readonly Name[]): string {
  return `/${path.map(nameToText).join('/')}`
}
