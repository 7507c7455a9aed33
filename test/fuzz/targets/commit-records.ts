import { parseObjectId } from '../../../src/terms/object-id.ts'
import type { CommitRecord } from '../../../src/writeback/commit-record.ts'
import { numberedRoot } from '../../manifest/manifest-suite.ts'
import { here } from './tree-nodes.ts'

const root = numberedRoot(5)
const rootHash = new Uint8Array(32).fill(7)
const encoded = { blobId: here, rootHash, bytes: 1000 }
const registered = { ...encoded, objectId: parseObjectId('9'), deletable: true, endEpoch: 12 }

/** One commit from step to step, and one of each that ends otherwise. */
export const commitRecords: readonly CommitRecord[] = [
  { step: 'base', root: undefined },
  { step: 'base', root },
  { step: 'begin', commit: 3, stagingSegment: 2 },
  { step: 'packed', commit: 3, packs: [{ file: '3-0.pack', ...encoded }], root },
  { step: 'registered', commit: 3, blobs: [registered] },
  {
    step: 'uploaded',
    commit: 3,
    blob: {
      ...registered,
      epoch: 4,
      certificate: {
        signers: [0, 2, 3],
        serializedMessage: new Uint8Array(20).fill(1),
        signature: new Uint8Array(96).fill(2),
      },
    },
  },
  { step: 'committed', commit: 3, root },
  { step: 'abandoned', commit: 4 },
  { step: 'rebasing', segment: 5, root },
  { step: 'rebased', segment: 5 },
]
