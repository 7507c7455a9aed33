import type { BlobId } from '../terms/blob-id.ts'
import { NodeReader } from '../tree/btree/node-reader.ts'
import { find } from '../tree/btree/read-map.ts'
import { MapWriter } from '../tree/btree/write-map.ts'
import { packKey, packsKind } from '../tree/kinds/packs-kind.ts'
import type { NodeSink, NodeSource } from '../tree/node-source.ts'
import { Pace } from '../tree/pace.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { PackRow } from '../tree/root-record.ts'
import { run } from '../tree/steps.ts'

/** How a row is to change: the row that is there (if any), and what becomes of it. */
export type RowEdit = (row: PackRow | undefined) => PackRow | undefined

/** Writes a table with some rows changed. Undefined for an empty one. */
export async function writePackTable(
  table: PieceRef | undefined,
  edits: ReadonlyMap<BlobId, RowEdit>,
  source: NodeSource,
  sink: NodeSink,
): Promise<PieceRef | undefined> {
  const reader = new NodeReader(source)
  const changed: [string, PackRow | undefined][] = []
  for (const [blob, edit] of edits) {
    const key = packKey(blob)
    const row = table && (await run(find(reader, packsKind, table, key)))
    changed.push([key, edit(row)])
  }
  changed.sort(([a], [b]) => (a < b ? -1 : 1))
  const writer = new MapWriter(
    { reader, sink, pace: new Pace(), onPiece: () => {}, onSubtree: () => {} },
    packsKind,
  )
  const written = await writer.write(table, changed)
  return written?.node
}
