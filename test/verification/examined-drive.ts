import type { BlobId } from '../../src/terms/blob-id.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import type { VerifyParts } from '../../src/verification/verify.ts'
import { noise, write } from '../writeback/files.ts'
import type { Desk, Sitting } from '../writeback/desk.ts'

/** What examines a drive. */
export async function partsOf(desk: Desk, { worktree, content }: Sitting): Promise<VerifyParts> {
  const { self, packs } = worktree.base!
  const rows = await packRows(packs, content)
  const kept = new Set<BlobId>([self.blob, ...rows.map(({ blob }) => blob)])
  const codec = openPieceCodec()
  return { store: desk.store, codec, source: content, clock: systemClock, kept }
}

/** Three files in three commits, one of them with two names, each in a pack of its own. */
export async function threeCommits(sitting: Sitting): Promise<RootRecord[]> {
  const roots: RootRecord[] = []
  for (const [round, name] of ['a', 'b', 'c'].entries()) {
    await write(sitting, name, noise(round === 1 ? 300_000 : 9000, round))
    if (name === 'c') {
      const { worktree } = sitting
      const file = await worktree.lookup(worktree.root, nameFromText('c'))
      const time = { sec: 9, nsec: 0 }
      worktree.apply({ type: 'link', ino: file!.ino, parent: 1, name: nameFromText('d'), time })
    }
    await sitting.commit()
    roots.unshift(sitting.worktree.base!)
  }
  return roots
}

/** Changes one byte of a blob as all nodes hold it. */
export function spoil(desk: Desk, blob: BlobId, at: number): void {
  const bytes = Buffer.from(desk.network.contents.get(blob)!)
  bytes[at]! ^= 1
  desk.network.contents.set(blob, bytes)
}
