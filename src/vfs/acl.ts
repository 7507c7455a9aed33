import { FsError } from '../terms/errno.ts'

/** Kinds of entries (linux/posix_acl.h), in the order in which they stand. */
export const AclTag = {
  owner: 0x01,
  user: 0x02,
  group: 0x04,
  namedGroup: 0x08,
  mask: 0x10,
  other: 0x20,
} as const

export interface AclEntry {
  readonly tag: number
  /** rwx, 0–7. */
  readonly permissions: number
  /** The user or group of a named entry; `noId` for others. */
  readonly id: number
}

/** A POSIX access control list, sorted by tag, as acl(5) says. */
export type Acl = readonly AclEntry[]

export const noId = 0xffff_ffff
const version = 2
const headerBytes = 4
const entryBytes = 8
const order = Object.values(AclTag)
const isNamed = (tag: number) => tag === AclTag.user || tag === AclTag.namedGroup

/**
 * Decodes the value of a `system.posix_acl_*` attribute: `u32 version 2`, then entries `u16 tag | u16 permissions |
 * u32 id`, little-endian (linux/posix_acl_xattr.h). No entries: undefined, which takes the list away. Throws FsError
 * EINVAL for what posix_acl_valid of the kernel refuses, EOPNOTSUPP for another version.
 */
export function decodeAcl(value: Uint8Array): Acl | undefined {
  if (value.length < headerBytes || (value.length - headerBytes) % entryBytes !== 0) {
    throw new FsError('EINVAL', 'an ACL of a wrong length')
  }
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  if (view.getUint32(0, true) !== version) throw new FsError('EOPNOTSUPP', 'an unknown ACL version')
  const acl: AclEntry[] = []
  for (let at = headerBytes; at < value.length; at += entryBytes) {
    const tag = view.getUint16(at, true)
    const id = isNamed(tag) ? view.getUint32(at + 4, true) : noId
    acl.push({ tag, permissions: view.getUint16(at + 2, true), id })
  }
  if (acl.length === 0) return undefined
  validate(acl)
  return acl
}

/** The inverse of {@link decodeAcl}. */
export function encodeAcl(acl: Acl): Uint8Array {
  const value = new Uint8Array(headerBytes + acl.length * entryBytes)
  const view = new DataView(value.buffer)
  view.setUint32(0, version, true)
  acl.forEach((entry, index) => {
    const at = headerBytes + index * entryBytes
    view.setUint16(at, entry.tag, true)
    view.setUint16(at + 2, entry.permissions, true)
    view.setUint32(at + 4, entry.id, true)
  })
  return value
}

function validate(acl: Acl): void {
  const refuse = (why: string) => new FsError('EINVAL', `an ACL that ${why}`)
  const count = (tag: number) => acl.filter((entry) => entry.tag === tag).length
  let place = 0
  for (const entry of acl) {
    const next = order.indexOf(entry.tag as (typeof order)[number])
    if (next < place) throw refuse('has an unknown entry or is out of order')
    if (entry.permissions > 7) throw refuse('has unknown permissions')
    if (isNamed(entry.tag) && entry.id === noId) throw refuse('names nobody')
    place = next
  }
  for (const tag of [AclTag.owner, AclTag.group, AclTag.other]) {
    if (count(tag) !== 1) throw refuse('lacks the owner, the group or the others')
  }
  const named = count(AclTag.user) + count(AclTag.namedGroup)
  const masks = count(AclTag.mask)
  if (masks > 1 || (named > 0 && masks === 0)) throw refuse('needs one mask')
}

/** Whether it says no more than the permission bits of a mode can (posix_acl_equiv_mode). */
export function isMinimal(acl: Acl): boolean {
  return acl.length === 3
}

/** The permission bits that show for it: the group's are the mask where there is one. */
export function permissionsOf(acl: Acl): number {
  const classes = classEntries(acl)
  return (
    (classes.owner.permissions << 6) | (classes.group.permissions << 3) | classes.other.permissions
  )
}

/** The list after chmod: owner, group class and others say what the mode says. */
export function withPermissions(acl: Acl, mode: number): Acl {
  return replaceClasses(acl, (mode >> 6) & 7, (mode >> 3) & 7, mode & 7)
}

/**
 * The access ACL of what is made in a directory with this default ACL: nothing more than both the list and `mode` of
 * open(2) allow (posix_acl_create; acl(5), "object creation and default ACLs").
 */
export function inherited(acl: Acl, mode: number): Acl {
  return withPermissions(acl, permissionsOf(acl) & mode)
}

/** The entries that stand for the three classes of a mode. */
function classEntries(acl: Acl): Record<'owner' | 'group' | 'other', AclEntry> {
  const entry = (tag: number) => acl.find((candidate) => candidate.tag === tag)
  const group = entry(AclTag.mask) ?? entry(AclTag.group)
  return { owner: entry(AclTag.owner)!, group: group!, other: entry(AclTag.other)! }
}

function replaceClasses(acl: Acl, owner: number, group: number, other: number): Acl {
  const classes = classEntries(acl)
  const permissions = new Map([
    [classes.owner, owner],
    [classes.group, group],
    [classes.other, other],
  ])
  return acl.map((entry) => ({
    ...entry,
    permissions: permissions.get(entry) ?? entry.permissions,
  }))
}
