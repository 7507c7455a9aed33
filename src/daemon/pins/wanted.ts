import { fingerprintOfHash } from '../../cache/pinned-pieces.ts'
import type { PieceHash } from '../../terms/piece-hash.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import type { Drive } from '../open-drive.ts'
import { filesBelow } from './files-below.ts'
import { directoriesAbove, nodesOf } from './nodes-of.ts'
import { settle, type Pin } from './pin-place.ts'

/** What pins want to have here. */
export interface Wanted {
  readonly refs: ReadonlyMap<PieceHash, PieceRef>
  /** Stored bytes of them. */
  readonly bytes: number
  /** Of each pin that is about something. */
  readonly of: ReadonlyMap<Pin, WantedOfPin>
}

export interface WantedOfPin {
  readonly files: number
  readonly bytes: number
  readonly refs: readonly PieceRef[]
}

/** Looks through all that is below pins. Throws what loading names throws. */
export async function wantedBy(
  drive: Drive,
  pins: Iterable<Pin>,
  signal: AbortSignal,
): Promise<Wanted> {
  const refs = new Map<PieceHash, PieceRef>()
  const of = new Map<Pin, WantedOfPin>()
  const inos = new Set<number>()
  for (const pin of pins) {
    const top = await settle(drive, pin)
    if (!top) continue
    const own: PieceRef[] = []
    let [files, bytes] = [0, 0]
    for (const above of directoriesAbove(top)) inos.add(above.ino)
    for await (const met of filesBelow(drive, top, pin.path, signal)) {
      inos.add(met.kind === 'file' ? met.file.ino : met.ino)
      if (met.kind === 'directory') continue
      files++
      for (const ref of met.file.refs) {
        own.push(ref)
        bytes += ref.storedLength
        refs.set(ref.hash, ref)
      }
      bytes += met.file.localBytes
    }
    of.set(pin, { files, bytes, refs: own })
  }
  if (of.size > 0) for (const ref of await nodesOf(drive, inos, signal)) refs.set(ref.hash, ref)
  let bytes = 0
  for (const { storedLength } of refs.values()) bytes += storedLength
  return { refs, bytes, of }
}

/** As the cache wants them. */
export function fingerprints({ refs }: Wanted): Set<number> {
  return new Set([...refs.keys()].map(fingerprintOfHash))
}
