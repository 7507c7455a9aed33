import type { Name } from '../../terms/name.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { scan } from '../btree/read-map.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import type { Inode } from '../inode.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import { recordOf } from './linked-records.ts'
import { MetDirectories } from './met-directories.ts'

/** A name of a snapshot and what is recorded there. */
export interface SnapshotEntry {
  readonly path: readonly Name[]
  /** Of an inode with several names, a new object under each. */
  readonly inode: Inode
}

/**
 * All names of a snapshot but the root's, each directory before what is in it. Keeps one directory at a time in memory.
 * Throws FormatError for a tree in which one directory stands twice. To look around in a snapshot, and to read its files, open a Worktree on it.
 */
export async function* snapshotEntries(
  source: NodeSource,
  root: RootRecord,
): AsyncGenerator<SnapshotEntry> {
  const reader = new NodeReader(source)
  const met = new MetDirectories()
  met.meet(inodeOfRoot(root.directory))
  const pending: { readonly node: PieceRef; readonly path: readonly Name[] }[] = []
  if (root.directory.node) pending.push({ node: root.directory.node, path: [] })
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, path } = next
    const values: [Name, DirectoryValue][] = []
    const each = (key: string, value: DirectoryValue) => values.push([key as Name, value])
    await run(scan(reader, directoryKind, node, new Pace(), each))
    const below: typeof pending = []
    for (const [name, value] of values) {
      const here = [...path, name]
      const inode = await run(recordOf(reader, root.links, value))
      met.meet(inode)
      yield { path: here, inode }
      if (inode.names?.stored) below.push({ node: inode.names.stored.node, path: here })
    }
    for (const map of below.reverse()) pending.push(map)
  }
}
