import type { PieceCache } from '../cache/piece-cache.ts'
import type { LayeredContent, ContentOptions } from '../content/layered-content.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Manifest, ManifestRoot, ManifestState } from '../manifest/manifest.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { readRootRecord } from '../tree/history/root-records.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { Worktree } from '../tree/worktree/worktree.ts'
import type { RebaseResult, WorktreeApi } from '../tree/worktree-api.ts'
import { rootPiece } from '../writeback/root-piece.ts'
import type { Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'

/** What the read-only and the writable way of opening a drive have in common. */
export interface SharedParts {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly state: ManifestState
  readonly cache: PieceCache
  readonly codec: PieceCodec
  readonly lifecycle: Lifecycle
  readonly host: string
  readonly stateDirectory: string
  readonly gather: () => Promise<void>
  readonly onRebased: (result: RebaseResult) => void
  readonly content: (options: Pick<ContentOptions, 'staging' | 'journal'>) => LayeredContent
}

/** The root record that a manifest names. */
export async function readRoot(root: ManifestRoot, source: NodeSource): Promise<RootRecord> {
  return readRootRecord(source, rootPiece(root))
}

/** A worktree that stands on a root; an empty one belongs to whoever runs this. */
export async function worktreeOn(
  root: ManifestRoot | undefined,
  source: NodeSource,
): Promise<WorktreeApi> {
  if (root) return new Worktree({ source, base: await readRoot(root, source) })
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return new Worktree({ source, root: { uid, gid } })
}
