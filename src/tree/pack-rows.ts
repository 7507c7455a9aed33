import { NodeReader } from './btree/node-reader.ts'
import { scan } from './btree/read-map.ts'
import { packsKind } from './kinds/packs-kind.ts'
import type { NodeSource } from './node-source.ts'
import { Pace } from './pace.ts'
import type { PieceRef } from './piece-ref.ts'
import type { PackRow } from './root-record.ts'
import { run } from './steps.ts'

/** The rows of a stored table of packs, in the order of their ids. */
export async function packRows(
  table: PieceRef | undefined,
  source: NodeSource,
): Promise<PackRow[]> {
  const rows: PackRow[] = []
  if (table) {
    await run(
      scan(new NodeReader(source), packsKind, table, new Pace(), (_, row) => rows.push(row)),
    )
  }
  return rows
}
