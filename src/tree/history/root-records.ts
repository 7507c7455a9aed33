import { damaged } from '../format-error.ts'
import { maxNodeBytes } from '../btree/node-page.ts'
import { decodeRootRecord } from '../format/root-format.ts'
import type { NodeSource } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'

/** The root record at a place. Throws FormatError, and whatever the source throws. */
export async function readRootRecord(source: NodeSource, ref: PieceRef): Promise<RootRecord> {
  if (ref.length > maxNodeBytes) throw damaged(`a root record of ${ref.length} bytes`)
  return decodeRootRecord(await source.piece(ref), ref)
}

/** The snapshots before one, the latest first. Throws where one cannot be read: history is lost from there on. */
export async function* predecessorsOf(
  source: NodeSource,
  root: RootRecord,
): AsyncGenerator<RootRecord> {
  let at = root
  while (at.predecessor) {
    const before = await readRootRecord(source, at.predecessor)
    if (before.sequence >= at.sequence) throw damaged('history does not go back in time')
    yield before
    at = before
  }
}
