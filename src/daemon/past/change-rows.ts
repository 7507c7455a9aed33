import { nameToText } from '../../terms/name.ts'
import type { NamePath, PathChange } from '../../tree/history/path-change.ts'
import { keyOf } from '../../tree/history/place-pairs.ts'
import { FileType, type Inode } from '../../tree/inode.ts'
import { bytesText } from '../quantity.ts'

/** One change of a path, as `--json` prints it. Fields are added, never renamed. */
export interface ChangeRow {
  readonly change: PathChange['kind']
  readonly path: string
  /** Of something that moved: its path before. */
  readonly from?: string
  readonly type: FileKind
  /** Where it was something else before. */
  readonly typeBefore?: FileKind
  /** Of a regular file, bytes. */
  readonly size?: number
  readonly sizeBefore?: number
  /** Of what changed or moved: its bytes, target or device; its mode, owner, extended attributes or mtime. */
  readonly content?: boolean
  readonly attributes?: boolean
}

const kinds = {
  [FileType.fifo]: 'pipe',
  [FileType.charDevice]: 'device',
  [FileType.directory]: 'directory',
  [FileType.blockDevice]: 'device',
  [FileType.regular]: 'file',
  [FileType.symlink]: 'symlink',
  [FileType.socket]: 'socket',
} as const

export type FileKind = (typeof kinds)[keyof typeof kinds]

/** How many paths changed, and how. */
export interface ChangeCounts {
  added: number
  removed: number
  changed: number
  moved: number
}

/** Changes by path, with their counts. */
export class ChangeTable {
  readonly counts: ChangeCounts = { added: 0, removed: 0, changed: 0, moved: 0 }
  readonly #rows: { readonly key: string; readonly row: ChangeRow }[] = []
  readonly #maxRows: number

  /** All are counted; so many of them, as they come, are kept. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows
  }

  add(change: PathChange): void {
    this.counts[change.kind]++
    if (!change.path || this.#rows.length >= this.#maxRows) return
    this.#rows.push({ key: keyOf(change.path), row: rowOf(change, change.path) })
  }

  /** In the order of their paths. */
  get rows(): readonly ChangeRow[] {
    const sorted = this.#rows.sort((a, b) => (a.key < b.key ? -1 : 1))
    return sorted.map(({ row }) => row)
  }
}

function rowOf(change: PathChange, path: NamePath): ChangeRow {
  const after = 'after' in change ? change.after : undefined
  const before = 'before' in change ? change.before : undefined
  const last = (after ?? before)!
  const type = kindOf(last)
  const typeBefore = after && before ? kindOf(before) : type
  const sizes = {
    ...(isRegular(last) ? { size: last.size } : {}),
    ...(after && before && isRegular(before) ? { sizeBefore: before.size } : {}),
  }
  const { content = false, attributes = false } =
    ('differing' in change ? change.differing : undefined) ?? {}
  return {
    change: change.kind,
    path: pathText(path),
    ...(change.kind === 'moved' ? { from: pathText(change.from) } : {}),
    type,
    ...(typeBefore === type ? {} : { typeBefore }),
    ...sizes,
    ...(after && before ? { content, attributes } : {}),
  }
}

/** For people: `/a/b`. */
export function pathText(path: NamePath): string {
  return `/${path.map(nameToText).join('/')}`
}

function kindOf({ mode }: Inode): FileKind {
  return kinds[(mode & FileType.mask) as keyof typeof kinds]
}

function isRegular({ mode }: Inode): boolean {
  return (mode & FileType.mask) === FileType.regular
}

/** For people: `+ /new  1.2 KiB`, `- /gone`, `M /file  3 B -> 5 B`, `M /file  (attributes)`, `R /old -> /new`, `T /x  file -> directory`. */
export function changeLine(row: ChangeRow): string {
  const { change, from, type, typeBefore, content, attributes } = row
  const path = type === 'directory' && row.path !== '/' ? `${row.path}/` : row.path
  const size = sizeText(row)
  switch (change) {
    case 'added':
      return `+ ${path}${size}`
    case 'removed':
      return `- ${path}${size}`
    case 'moved':
      return `R ${from}${type === 'directory' ? '/' : ''} -> ${path}${content ? size : attributes ? '  (attributes)' : ''}`
    case 'changed':
      if (typeBefore !== undefined) return `T ${path}  ${typeBefore} -> ${type}`
      return `M ${path}${content ? size : '  (attributes)'}`
  }
}

function sizeText({ size, sizeBefore }: ChangeRow): string {
  if (size === undefined) return ''
  if (sizeBefore === undefined || sizeBefore === size) return `  ${bytesText(size)}`
  return `  ${bytesText(sizeBefore)} -> ${bytesText(size)}`
}

/** For people: `+3 -0 M1 R0`. */
export function countsText({ added, removed, changed, moved }: ChangeCounts): string {
  return `+${added} -${removed} M${changed} R${moved}`
}
