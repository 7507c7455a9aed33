import type { Name } from '../../terms/name.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { walk } from '../btree/read-map.ts'
import { directoryKind, LinkedName } from '../kinds/directory-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'

/**
 * All names of some inodes of the table of hard links, by number: reads every directory, and no record. Directories that
 * cannot be read are passed over.
 */
export async function linkedNames(
  source: NodeSource,
  root: RootRecord,
  wanted: ReadonlySet<number>,
): Promise<Map<number, (readonly Name[])[]>> {
  const reader = new NodeReader(source)
  const found = new Map<number, (readonly Name[])[]>()
  const pending: { readonly node: PieceRef; readonly path: readonly Name[] }[] = []
  if (root.directory.node) pending.push({ node: root.directory.node, path: [] })
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, path } = next
    const onName = (value: unknown, key: string) => {
      if (!(value instanceof LinkedName) || !wanted.has(value.ino)) return
      const names = found.get(value.ino) ?? []
      names.push([...path, key as Name])
      found.set(value.ino, names)
    }
    await run(
      walk(
        reader,
        directoryKind,
        node,
        new Pace(),
        () => {},
        (value, key) => {
          onName(value, key)
          for (const { of, node: below } of directoryKind.subtrees(value))
            if (of === 'directory') pending.push({ node: below, path: [...path, key as Name] })
        },
        () => {},
      ),
    )
  }
  return found
}
