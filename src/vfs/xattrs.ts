import { FsError } from '../terms/errno.ts'
import { maxNameBytes, nameFromText } from '../terms/name.ts'
import type { Name } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import { setAccessAcl, setDefaultAcl } from './acl-attributes.ts'
import type { Answer, Caller, NodeId } from './file-system.ts'
import { XattrFlag } from './file-system.ts'
import { accessAclName, defaultAclName } from './inheritance.ts'
import { maxXattrListBytes, maxXattrTotalBytes, maxXattrValueBytes } from './limits.ts'
import { isDirectory, isRegular } from './volume.ts'
import type { Volume } from './volume.ts'

/**
 * The label that `ls -l` wants of each file, at the price of a request: EOPNOTSUPP where there is none keeps it from asking again.
 * Where SELinux is in force, the kernel itself answers.
 */
const selinuxName = nameFromText('security.selinux')
// Made once: it is an everyday answer.
const noLabel = new FsError('EOPNOTSUPP', 'no SELinux label')

/** Attributes whose names begin so are told by the daemon where it has any. */
const toldPrefix = 'user.walrus.'

/** The calls of xattr(7). */
export class XattrCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  setxattr(node: NodeId, name: Name, value: Uint8Array, flags: number, caller: Caller): void {
    const inode = this.#volume.nodes.inode(node)
    checkMayChange(inode, name, caller)
    this.#checkStored(name)
    this.#volume.checkWritable()
    if (value.length > maxXattrValueBytes) throw new FsError('E2BIG', 'a value over 64 KiB')
    const old = inode.xattrs?.get(name)
    if (old !== undefined && (flags & XattrFlag.create) !== 0) throw new FsError('EEXIST')
    if (old === undefined && (flags & XattrFlag.replace) !== 0)
      throw new FsError('ENODATA', 'no such attribute')
    if (name === accessAclName) return setAccessAcl(this.#volume, inode, value, flags)
    if (name === defaultAclName) return setDefaultAcl(this.#volume, inode, value)
    checkRoom(inode, name, value)
    return this.#put(inode, name, Uint8Array.from(value))
  }

  getxattr(node: NodeId, name: Name, caller: Caller): Answer<Uint8Array | undefined> {
    const inode = this.#volume.nodes.inode(node)
    checkName(name)
    if (this.#isTold(name)) return this.#volume.options.toldAttribute!(inode, name)
    const value = isVisible(name, caller) ? inode.xattrs?.get(name) : undefined
    if (value === undefined && name === selinuxName) throw noLabel
    return value
  }

  listxattr(node: NodeId, caller: Caller): readonly Name[] {
    const names = this.#volume.nodes.inode(node).xattrs?.keys() ?? []
    return [...names].filter((name) => isVisible(name, caller) && !this.#isTold(name))
  }

  removexattr(node: NodeId, name: Name, caller: Caller): void {
    const inode = this.#volume.nodes.inode(node)
    checkMayChange(inode, name, caller)
    this.#checkStored(name)
    this.#volume.checkWritable()
    if (inode.xattrs?.has(name) === true) return this.#put(inode, name, undefined)
    // Taking an ACL away that is not there is no failure on ext4.
    if (name !== accessAclName && name !== defaultAclName)
      throw new FsError('ENODATA', 'no such attribute')
    return undefined
  }

  #isTold(name: Name): boolean {
    return name.startsWith(toldPrefix) && this.#volume.options.toldAttribute !== undefined
  }

  #checkStored(name: Name): void {
    if (this.#isTold(name)) throw new FsError('EOPNOTSUPP', 'an attribute that is not stored')
  }

  #put(inode: Inode, name: Name, value: Uint8Array | undefined): void {
    const time = this.#volume.now()
    this.#volume.apply({ type: 'xattr', ino: inode.ino, name, ...(value && { value }), time })
  }
}

function checkName(name: Name): void {
  if (name.length === 0 || name.length > maxNameBytes) throw new FsError('ERANGE', 'a wrong name')
  const isKnown =
    ['user.', 'trusted.', 'security.'].some(
      (prefix) => name.startsWith(prefix) && name.length > prefix.length,
    ) ||
    name === accessAclName ||
    name === defaultAclName
  if (!isKnown) throw new FsError('EOPNOTSUPP', 'an unknown namespace')
}

/** As xattr_permission of the kernel. */
function checkMayChange(inode: Inode, name: Name, caller: Caller): void {
  checkName(name)
  if (name.startsWith('user.') && !isRegular(inode) && !isDirectory(inode)) {
    throw new FsError('EPERM', 'user attributes of a special file')
  }
  if (name.startsWith('trusted.') && caller.uid !== 0) {
    throw new FsError('EPERM', 'trusted attributes are for root')
  }
  const isSymlink = (inode.mode & FileType.mask) === FileType.symlink
  if (isSymlink && name.startsWith('system.')) throw new FsError('EOPNOTSUPP', 'ACL of a symlink')
}

function isVisible(name: Name, caller: Caller): boolean {
  return caller.uid === 0 || !name.startsWith('trusted.')
}

/** Throws FsError ENOSPC when the names of the inode, or names and values together, would be too many. */
function checkRoom(inode: Inode, name: Name, value: Uint8Array): void {
  let list = name.length + 1
  let total = list + value.length
  for (const [other, bytes] of inode.xattrs ?? []) {
    if (other === name) continue
    list += other.length + 1
    total += other.length + 1 + bytes.length
  }
  if (list > maxXattrListBytes || total > maxXattrTotalBytes) {
    throw new FsError('ENOSPC', 'no room for another attribute')
  }
}
