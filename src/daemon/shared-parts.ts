import type { PieceCache } from '../cache/piece-cache.ts'
import type { ContentOptions } from '../content/content-options.ts'
import type { LayeredContent } from '../content/layered-content.ts'
import type { DriveKeys } from '../crypto/drive-keys.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Manifest, ManifestRoot, ManifestState } from '../manifest/manifest.ts'
import type { ManifestHead } from '../manifest/manifest-head.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { Trouble } from '../terms/trouble.ts'
import { FormatError } from '../tree/format-error.ts'
import { readRootRecord } from '../tree/history/root-records.ts'
import { FsError } from '../terms/errno.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { Worktree } from '../tree/worktree/worktree.ts'
import type { RebaseResult, WorktreeApi } from '../tree/worktree-api.ts'
import { rootPiece } from '../writeback/root-piece.ts'
import { unreadable, type Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'
import type { RememberedFile } from './remembered-file.ts'

/** What the read-only and the writable way of opening a drive have in common. */
export interface SharedParts {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly state: ManifestState
  readonly memory: RememberedFile
  readonly cache: PieceCache
  readonly codec: PieceCodec
  /** Undefined for a drive that is not sealed. */
  readonly keys: DriveKeys | undefined
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

/**
 * A worktree that stands on what a manifest says; an empty one belongs to whoever runs this. Throws Trouble `unreachable`, and
 * `format` for records that cannot be.
 */
export async function worktreeOn(
  { root, inline }: ManifestHead,
  source: NodeSource,
  { request, state, connection }: Pick<SharedParts, 'request' | 'state' | 'connection'>,
): Promise<WorktreeApi> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const base =
    root &&
    (await readRoot(root, source).catch((error: unknown) => {
      throw error instanceof FsError ? unreadable(request.drive, connection, error) : error
    }))
  const worktree = new Worktree(base ? { source, base } : { source, root: { uid, gid } })
  try {
    worktree.standOn(inline)
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    const { name } = request.drive
    throw new Trouble(
      'format',
      `the drive ${name} at sequence ${state.sequence} (its last commit is ${state.rootSequence}): ${cause.message}; nothing was changed: use a newer version, or ask the writer of that change to commit`,
      { cause },
    )
  }
  return worktree
}
