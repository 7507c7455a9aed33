import { FileType } from '../../src/tree/inode.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { byteOf } from './dump-worktree.ts'
import type { PieceBytes } from './dump-worktree.ts'
import { ModelTree } from './model-tree.ts'
import type { ModelInode } from './model-tree.ts'

/** A model of what a worktree holds, loading all of it. Throws where counts of links or parents are wrong. */
export async function modelOf(
  worktree: Worktree,
  pieceBytes: PieceBytes,
  onInode: (inode: Inode) => void = () => {},
): Promise<ModelTree> {
  const model = new ModelTree()
  const known = new Map<Inode, ModelInode>([[worktree.root, model.root]])
  await fill(model.root, worktree.root, worktree, pieceBytes)
  for (const [inode, made] of known) {
    if (!made.names) continue
    for (const { name, inode: child } of (await worktree.entries(inode)).after(0)) {
      const isKnown = known.get(child)
      if (isKnown?.names) throw new Error(`directory ${child.ino} is in the tree twice`)
      const entry = isKnown ?? model.inode(child.ino, child.mode, { sec: 0, nsec: 0 })
      if (!isKnown) await fill(entry, child, worktree, pieceBytes)
      made.names.set(name, entry)
      if (entry.names) {
        entry.parent = made
        if (child.parent !== inode) throw new Error(`the parent of directory ${child.ino}`)
      }
      known.set(child, entry)
    }
  }
  checkCounts(known)
  for (const inode of known.keys()) onInode(inode)
  return model
}

async function fill(
  entry: ModelInode,
  inode: Inode,
  worktree: Worktree,
  pieceBytes: PieceBytes,
): Promise<void> {
  const { ino, mode, nlink, uid, gid, rdev, size, target } = inode
  Object.assign(entry, { ino, mode, nlink, uid, gid, rdev, size })
  entry.target = target && Buffer.from(target).toString('latin1')
  entry.atime = { sec: inode.atimeSec, nsec: inode.atimeNsec }
  entry.mtime = { sec: inode.mtimeSec, nsec: inode.mtimeNsec }
  entry.ctime = { sec: inode.ctimeSec, nsec: inode.ctimeNsec }
  for (const [name, value] of inode.xattrs ?? []) {
    entry.xattrs.set(name, Buffer.from(value).toString('latin1'))
  }
  if ((mode & FileType.mask) !== FileType.regular) return
  for (const { start, end, source } of (await worktree.extents(inode)).all()) {
    for (let at = start; at < end; at++) entry.bytes.set(at, byteOf(source, at - start, pieceBytes))
  }
}

function checkCounts(known: ReadonlyMap<Inode, ModelInode>): void {
  const names = new Map<ModelInode, number>()
  const numbers = new Set<number>()
  for (const [inode, entry] of known) {
    if (numbers.has(inode.ino)) throw new Error(`inode ${inode.ino} is there twice`)
    numbers.add(inode.ino)
    for (const child of entry.names?.values() ?? []) names.set(child, (names.get(child) ?? 0) + 1)
  }
  for (const [inode, entry] of known) {
    const below = [...(entry.names?.values() ?? [])].filter((child) => child.names).length
    const nlink = entry.names ? 2 + below : names.get(entry)
    if (inode.nlink !== nlink)
      throw new Error(`inode ${inode.ino} has nlink ${inode.nlink}, not ${nlink}`)
  }
}
