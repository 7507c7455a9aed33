import type { Content } from '../content/content-api.ts'
import { nameFromText, nameToText, type Name } from '../terms/name.ts'
import { Trouble } from '../terms/trouble.ts'
import { FileType, type DirectoryEntry, type Inode } from '../tree/inode.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'

/** Names and bytes: of a drive, or of what others published. */
export interface Files {
  readonly worktree: Pick<WorktreeApi, 'root' | 'lookup' | 'entries' | 'extents'> & {
    readonly isKnown?: (inode: Inode) => boolean
    readonly usedBytes?: number
  }
  readonly content: Content
}

/** What a drive's names are looked up in. */
export type Names = Pick<Files, 'worktree'>

const maxSymlinks = 40
/** Sizes that are found out at a time. */
const lookUpsAtATime = 32
const chunkBytes = 1 << 20

/**
 * The inode of a path in a drive, from its root; symlinks on the way are followed, a last one is not. Throws Trouble
 * `not-found`.
 */
export async function inodeAt({ worktree }: Names, path: string): Promise<Inode> {
  const names = partsOf(path)
  let inode = worktree.root
  let links = 0
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const directory = requireDirectory(inode, path)
    const found =
      name === '..'
        ? (directory.parent ?? directory)
        : await worktree.lookup(directory, nameFromText(name))
    if (!found) throw new Trouble('not-found', `the drive has no ${path}`)
    if (found.target && names.length > 0) {
      if (++links > maxSymlinks)
        throw new Trouble('not-found', `${path} goes through too many symlinks`)
      const target = Buffer.from(found.target).toString()
      names.unshift(...partsOf(target))
      inode = target.startsWith('/') ? worktree.root : directory
    } else inode = found
  }
  return inode
}

/** The entries of a directory, by name. */
export async function entriesOf({ worktree }: Names, directory: Inode): Promise<DirectoryEntry[]> {
  const entries = [...(await worktree.entries(directory)).after(0)]
  await lookUp(worktree, directory, entries)
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Finds out what is not known of them yet; what cannot be had fails when it is read. */
async function lookUp(
  worktree: Files['worktree'],
  directory: Inode,
  entries: readonly DirectoryEntry[],
): Promise<void> {
  const unknown = entries.filter(({ inode }) => worktree.isKnown?.(inode) === false)
  let next = 0
  const work = async (): Promise<void> => {
    for (let entry = unknown[next++]; entry; entry = unknown[next++]) {
      await Promise.resolve(worktree.lookup(directory, entry.name)).catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: lookUpsAtATime }, work))
}

/** An inode and where it was found: a relative path of byte strings. */
export interface FoundInode {
  readonly path: string
  readonly inode: Inode
}

/**
 * Everything below an inode, itself first; directories before what is in them, in the order of their names. Throws Trouble
 * `damaged` where a directory is met twice: whoever forged that could have it go on for ever.
 */
export async function* walk(drive: Names, top: Inode): AsyncGenerator<FoundInode> {
  const met = new Set<number>()
  const pending: FoundInode[] = [{ path: '', inode: top }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    yield next
    const { path, inode } = next
    if (!isDirectory(inode)) continue
    if (met.has(inode.ino)) {
      throw new Trouble('damaged', `the drive's tree is forged: ${textOf(path)} stands in it twice`)
    }
    met.add(inode.ino)
    const entries = await entriesOf(drive, inode)
    for (const { name, inode: below } of entries.reverse()) {
      pending.push({ path: path === '' ? name : `${path}/${name}`, inode: below })
    }
  }
}

/** The bytes of a regular file, in chunks. */
export async function* bytesOf(drive: Files, file: Inode): AsyncGenerator<Uint8Array> {
  const { content, worktree } = drive
  await worktree.extents(file)
  const reader = {}
  for (let offset = 0; offset < file.size; offset += chunkBytes) {
    content.readAhead(reader, file, offset, chunkBytes)
    yield await chunk(content, file, offset)
  }
  content.forget(reader)
}

/** The bytes of a regular file that are not in holes, in chunks. */
export async function* dataOf(
  drive: Files,
  file: Inode,
): AsyncGenerator<{ readonly offset: number; readonly bytes: Uint8Array }> {
  const { content, worktree } = drive
  const extents = await worktree.extents(file)
  const reader = {}
  let from = extents.nextData(0)
  while (from !== undefined && from < file.size) {
    const offset = from - (from % chunkBytes)
    content.readAhead(reader, file, offset, chunkBytes)
    yield { offset, bytes: await chunk(content, file, offset) }
    from = extents.nextData(offset + chunkBytes)
  }
  content.forget(reader)
}

async function chunk(content: Content, file: Inode, offset: number): Promise<Uint8Array> {
  const into = new Uint8Array(Math.min(chunkBytes, file.size - offset))
  const got = content.read(file, offset, into)
  return typeof got === 'number' ? into.subarray(0, got) : got
}

export function isDirectory(inode: Inode): boolean {
  return (inode.mode & FileType.mask) === FileType.directory
}

export function isRegular(inode: Inode): boolean {
  return (inode.mode & FileType.mask) === FileType.regular
}

/** For people. */
export function textOf(name: Name | string): string {
  return nameToText(name as Name)
}

function requireDirectory(inode: Inode, path: string): Inode {
  if (isDirectory(inode)) return inode
  throw new Trouble('not-found', `a part of ${path} is not a directory`)
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
