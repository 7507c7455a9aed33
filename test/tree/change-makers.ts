import { nameFromText } from '../../src/terms/name.ts'
import type { Change } from '../../src/tree/change.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { newSlice } from './random-changes.ts'

/** Short ways to change a worktree whose names are loaded; `sec` is the time of each. */

export function make(tree: Worktree, parent: Inode, text: string, mode: number, sec = 1): Inode {
  const name = nameFromText(text)
  const ino = tree.allocate()
  const time = { sec, nsec: 0 }
  return tree.apply({
    type: 'make',
    parent: parent.ino,
    name,
    ino,
    mode,
    uid: 0,
    gid: 0,
    rdev: 0,
    time,
  })
}

export function makeFile(tree: Worktree, parent: Inode, text: string, sec = 1): Inode {
  return make(tree, parent, text, FileType.regular | 0o644, sec)
}

export function makeDirectory(tree: Worktree, parent: Inode, text: string, sec = 1): Inode {
  return make(tree, parent, text, FileType.directory | 0o755, sec)
}

export function unlink(tree: Worktree, parent: Inode, text: string, sec = 2): Inode {
  const time = { sec, nsec: 0 }
  return tree.apply({ type: 'unlink', parent: parent.ino, name: nameFromText(text), time })
}

export function link(tree: Worktree, inode: Inode, parent: Inode, text: string, sec = 2): Inode {
  const time = { sec, nsec: 0 }
  return tree.apply({
    type: 'link',
    ino: inode.ino,
    parent: parent.ino,
    name: nameFromText(text),
    time,
  })
}

export function rename(
  tree: Worktree,
  from: Inode,
  name: string,
  to: Inode,
  newName: string,
  sec = 2,
): Inode {
  return tree.apply({
    type: 'rename',
    parent: from.ino,
    name: nameFromText(name),
    newParent: to.ino,
    newName: nameFromText(newName),
    exchange: false,
    time: { sec, nsec: 0 },
  })
}

export function write(tree: Worktree, file: Inode, offset: number, length: number, sec = 2): Inode {
  const time = { sec, nsec: 0 }
  return tree.apply({ type: 'write', ino: file.ino, offset, slice: newSlice(length), time })
}

export function chmod(tree: Worktree, inode: Inode, mode: number, sec = 2): Inode {
  return tree.apply({ type: 'attributes', ino: inode.ino, mode, time: { sec, nsec: 0 } })
}

/** The changes that a worktree hands on from now on. */
export function keptChanges(tree: Worktree): Change[] {
  const kept: Change[] = []
  tree.onChange = (change) => kept.push(change)
  return kept
}
