import { hash } from 'node:crypto'
import { maxNameBytes, type Name } from '../terms/name.ts'
import { ListingError, maxListed } from './listing.ts'

/** Deeper directories become part of a name. */
const maxDepth = 64
const hashedHexDigits = 16

/** A file and where it goes. */
export interface Placed<T> {
  readonly file: T
  /** Its directories' names, from the root on. */
  readonly directory: readonly Name[]
  readonly name: Name
}

/**
 * Gives every file of a listing a path that a file system can have, the same for the same listing whatever its order:
 *
 * - `/` separates; empty parts and `.` fall away; `..` becomes `%2E%2E`, NUL `%00`; a path without a name is `_`;
 * - a part of more than 255 bytes is cut, and ends in `~` and the beginning of its SHA-256; what is deeper than 64
 *   directories is one name, with `%2F` for `/`;
 * - a name is taken by the directory of that name, then by the file whose path is exactly that, then by the first in the order of
 *   the bytes of their paths; the others get `~1`, `~2`, ….
 */
export function placeFiles<T extends { readonly path: string }>(
  files: readonly T[],
): readonly Placed<T>[] {
  if (files.length > maxListed) throw new ListingError(`${files.length} files are too many`)
  const wanted = files.map((file) => ({ file, parts: partsOf(file.path) }))
  const directories = new Set<string>()
  for (const { parts } of wanted) addParents(directories, parts)
  const taken = new Set(directories)
  const sorted = wanted
    .map(({ file, parts }) => ({ file, parts, isExact: parts.join('/') === file.path }))
    .sort((a, b) => Number(b.isExact) - Number(a.isExact) || compare(a.file.path, b.file.path))
  const lastTried = new Map<string, number>()
  return sorted.map(({ file, parts }) => {
    const directory = parts.slice(0, -1)
    const name = freeName(directory, parts.at(-1)!, taken, lastTried)
    taken.add([...directory, name].join('/'))
    return { file, directory, name }
  })
}

function partsOf(path: string): Name[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length > maxDepth) parts.push(parts.splice(maxDepth).join('%2F'))
  return parts.length === 0 ? ['_' as Name] : parts.map(nameOf)
}

function nameOf(part: string): Name {
  const name = part === '..' ? '%2E%2E' : part.replaceAll('\0', '%00')
  if (name.length <= maxNameBytes) return name as Name
  const digest = hash('sha256', Buffer.from(part, 'latin1'), 'hex').slice(0, hashedHexDigits)
  return cut(name, `~${digest}`)
}

/** Not within a character of UTF-8. */
function cut(name: string, ending: string): Name {
  let end = Math.min(name.length, maxNameBytes - ending.length)
  while (end > 0 && end < name.length && (name.charCodeAt(end) & 0xc0) === 0x80) end--
  return `${name.slice(0, end)}${ending}` as Name
}

function addParents(directories: Set<string>, parts: readonly Name[]): void {
  let path = ''
  for (const part of parts.slice(0, -1)) {
    path = path === '' ? part : `${path}/${part}`
    directories.add(path)
  }
  if (directories.size > maxListed) throw new ListingError('too many directories')
}

function freeName(
  directory: readonly Name[],
  name: Name,
  taken: ReadonlySet<string>,
  lastTried: Map<string, number>,
): Name {
  const prefix = directory.length === 0 ? '' : `${directory.join('/')}/`
  const path = prefix + name
  if (!taken.has(path)) return name
  for (let number = (lastTried.get(path) ?? 0) + 1; ; number++) {
    const other = cut(name, `~${number}`)
    if (taken.has(prefix + other)) continue
    lastTried.set(path, number)
    return other
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
