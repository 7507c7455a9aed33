import type { StagingApi } from '../content/content-api.ts'
import { Pace } from '../tree/pace.ts'
import type { FrozenTree } from '../tree/worktree-api.ts'
import type { PackBuilder } from './pack-builder.ts'
import type { PartSource } from './pack-job.ts'
import { planPieces, type PlannedPiece, type SlicePart } from './piece-plan.ts'
import { SettledSlices } from './settled-slices.ts'

/** So much is handed to the packing thread at a time. */
const batchBytes = 8 << 20
const batchPieces = 256

/** Stores the bytes of a commit's slices; gives where each went. References carry the builder's placeholders. */
export async function packSlices(
  frozen: FrozenTree,
  builder: Pick<PackBuilder, 'add' | 'longestPiece'>,
  staging: StagingApi,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<SettledSlices> {
  const settled = new SettledSlices()
  const pace = new Pace()
  let batch: PlannedPiece[] = []
  let bytes = 0
  let done = 0
  const flush = async () => {
    signal.throwIfAborted()
    const refs = await builder.add(
      batch.map(({ parts }) => parts.map((part) => sourceOf(part, staging))),
    )
    for (const [i, ref] of refs.entries()) settled.piece(batch[i]!, ref)
    progress((done += bytes))
    batch = []
    bytes = 0
  }
  for (const item of planPieces(frozen.files, builder.longestPiece)) {
    await pace.next()
    if (item.kind === 'inline') {
      settled.inline(item.part, inlineBytes(item.part, staging))
      done += item.part.to - item.part.from
      continue
    }
    batch.push(item)
    bytes += item.length
    if (bytes >= batchBytes || batch.length >= batchPieces) await flush()
  }
  if (batch.length) await flush()
  return settled
}

/** Bytes of a part that goes into its inode's record. */
export function inlineBytes({ slice, from, to }: SlicePart, staging: StagingApi): Uint8Array {
  const bytes = new Uint8Array(to - from)
  staging.read(slice, from, bytes)
  return bytes
}

function sourceOf({ slice, from, to }: SlicePart, staging: StagingApi): PartSource {
  return { path: staging.pathOf(slice.segment), position: slice.position + from, length: to - from }
}
