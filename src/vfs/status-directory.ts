import type { Name } from '../terms/name.ts'
import { nameFromText } from '../terms/name.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Attributes } from '../tree/attributes.ts'
import { FileType } from '../tree/inode.ts'
import { whenAnswered } from './answer.ts'
import type { Answer } from './file-system.ts'
import type { VirtualBytes, VirtualDirectory, VirtualEntry, VirtualNode } from './virtual-node.ts'

/** Inode numbers of virtual nodes, counted from the top of what a number holds, where no drive comes. */
export function virtualInode(index: number): number {
  return Number.MAX_SAFE_INTEGER - index
}

/**
 * The virtual directory of a mount: names given by the daemon. `statusText` is asked at each open of `status.json`;
 * the file shows its UTF-8 bytes. `more` are further entries beside it.
 */
export function statusDirectory(
  clock: Clock,
  owner: { readonly uid: number; readonly gid: number },
  statusText: () => Answer<string>,
  more: readonly VirtualEntry[] = [],
): VirtualDirectory {
  const made = Math.floor(clock.now() / 1000)
  const open = () => whenAnswered(statusText(), bytesOfText)
  const attributes = attributesOf(FileType.regular | 0o400, virtualInode(1), owner, made)
  const status: VirtualNode = { kind: 'file', attributes, open }
  const entries: readonly VirtualEntry[] = [
    { name: nameFromText('status.json'), node: status },
    ...more,
  ]
  const byName = new Map<Name, VirtualNode>(entries.map(({ name, node }) => [name, node]))
  return {
    kind: 'directory',
    attributes: attributesOf(FileType.directory | 0o500, virtualInode(0), owner, made),
    lookup: (name) => byName.get(name),
    list: () => entries,
  }
}

/** Of a directory in it, for its owner alone; `index`: see `virtualInode`. */
export function virtualDirectoryAttributes(
  clock: Clock,
  owner: { readonly uid: number; readonly gid: number },
  index: number,
): Attributes {
  const made = Math.floor(clock.now() / 1000)
  return attributesOf(FileType.directory | 0o500, virtualInode(index), owner, made)
}

/** An open file that shows a text, to whoever opened it then. */
function bytesOfText(text: string): VirtualBytes {
  const bytes = Buffer.from(text, 'utf8')
  const read = (offset: number, into: Uint8Array) => {
    const part = bytes.subarray(offset, offset + into.length)
    into.set(part)
    return part.length
  }
  return { directIo: true, read }
}

function attributesOf(
  mode: number,
  ino: number,
  owner: { readonly uid: number; readonly gid: number },
  sec: number,
): Attributes {
  const nlink = (mode & FileType.mask) === FileType.directory ? 2 : 1
  const times = { atimeSec: sec, mtimeSec: sec, ctimeSec: sec }
  const fractions = { atimeNsec: 0, mtimeNsec: 0, ctimeNsec: 0 }
  return { ino, mode, nlink, ...owner, rdev: 0, size: 0, blocks: 0, ...times, ...fractions }
}
