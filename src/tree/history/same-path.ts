import type { NodeReader } from '../btree/node-reader.ts'
import { find } from '../btree/read-map.ts'
import { directoryKind, LinkedName } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import type { Steps } from '../steps.ts'
import { differing } from './differing.ts'
import { recordOf } from './linked-records.ts'
import type { NamePath } from './path-change.ts'

/** What a path means below a stored directory. */
export function* valueAt(
  reader: NodeReader,
  root: PieceRef | undefined,
  path: NamePath,
): Steps<DirectoryValue | undefined> {
  let value: DirectoryValue | undefined
  let node = root
  for (const name of path) {
    value = node && (yield* find(reader, directoryKind, node, name))
    node = value instanceof LinkedName ? undefined : value?.names?.stored?.node
  }
  return value
}

/** A path surely means the same in two snapshots, with all below it. Reads the nodes on the way alone. */
export function* isSamePath(
  reader: NodeReader,
  before: RootRecord | undefined,
  after: RootRecord | undefined,
  path: NamePath,
): Steps<boolean> {
  if (path.length === 0) return false
  const old = yield* valueAt(reader, before?.directory.node, path)
  const now = yield* valueAt(reader, after?.directory.node, path)
  if (!old || !now) return old === now
  const [a, b] = [
    yield* recordOf(reader, before?.links, old),
    yield* recordOf(reader, after?.links, now),
  ]
  if (a.ino !== b.ino || a.names?.stored?.node.hash !== b.names?.stored?.node.hash) return false
  return (yield* differing(reader, a, b)) === undefined
}
