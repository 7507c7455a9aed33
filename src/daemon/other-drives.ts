import { LayeredContent } from '../content/layered-content.ts'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import { otherDrives, type OtherDrive } from '../manifest/account-drives.ts'
import { isGone } from '../renewal/kept-snapshots.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { packRows } from '../tree/pack-rows.ts'
import type { PackSource } from './gc-survey.ts'
import { readRoot } from './shared-parts.ts'
import { unlockDrive } from './unlock-drive.ts'

/** What the other drives of an account name. */
export interface BlobsOfOthers {
  readonly blobs: ReadonlySet<BlobId>
  /** Drives that are sealed and that nothing here opens: any blob that is not ours may be theirs. */
  readonly locked: readonly ObjectId[]
}

/** Blobs that other drives of the account name: two drives with the same files may share a blob. Throws Trouble. */
export async function blobsOfOthers(
  source: PackSource,
  signal: AbortSignal,
): Promise<BlobsOfOthers> {
  const { connection, manifest } = source
  const blobs = new Set<BlobId>()
  const locked: ObjectId[] = []
  for (const other of await otherDrives(connection.account, manifest.drive, signal)) {
    const { id, root } = other
    blobs.add(root.blob)
    const content = await contentOf(other, source, signal)
    if (!content) {
      locked.push(id)
      continue
    }
    try {
      const { packs } = await readRoot(root, content)
      for (const { blob } of await packRows(packs, content)) blobs.add(blob)
    } catch (error) {
      if (isGone(error)) continue
      throw new Trouble(
        'unreachable',
        `another drive of the same key (root record in blob ${root.blob}) cannot be read, so nobody can tell which blobs are its; nothing was deleted: try again later`,
        { cause: error },
      )
    }
  }
  return { blobs, locked }
}

/** Undefined for a drive that no key here opens. */
async function contentOf(
  { id, slots }: OtherDrive,
  { request, connection, cache }: PackSource,
  signal: AbortSignal,
): Promise<NodeSource | undefined> {
  const drive = { name: id, network: request.drive.network, manifest: id, key: request.drive.key }
  const parts = { drive, keys: request.keys }
  try {
    const unlocked = await unlockDrive(parts, { slots: async () => slots }, undefined, signal)
    const codec = openPieceCodec({ key: unlocked?.keys.pieces })
    return new LayeredContent({ store: connection.store, codec, cache, log: request.log })
  } catch (error) {
    if (error instanceof Trouble && (error.code === 'sealed' || error.code === 'format')) {
      return undefined
    }
    throw error
  }
}

/** For people. */
export function lockedNote(locked: readonly ObjectId[]): string {
  const which = locked.length === 1 ? 'another drive' : `${locked.length} other drives`
  return `${which} of the same key cannot be opened here (${locked.join(', ')}): what no drive names that can be opened is left alone, for it may be theirs`
}
