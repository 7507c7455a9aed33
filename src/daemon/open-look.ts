import { MemoryOverDiskCache } from '../cache/memory-over-disk-cache.ts'
import { LayeredContent } from '../content/layered-content.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { connect, type Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'
import { standInPast } from './past/stand-in-past.ts'
import { unlockedManifest, type UnlockedManifest } from './unlocked-manifest.ts'

/** A drive that may be damaged: connected, and nothing of its tree read yet. */
export interface DriveLook extends UnlockedManifest {
  readonly request: DriveRequest
  readonly connection: Connection
  /** Where a past state is looked at: the last commit of all, whose table says which packs are kept. */
  readonly present: RootRecord | undefined
  /** Its pieces, checked, from the cache where they are there. */
  readonly source: NodeSource
  close(): Promise<void>
}

/** Opens a drive to be examined; with its key, where that is here, to know the account's blobs. One that is sealed and that nothing here opens
 * is looked at from outside, where it `mayBeLocked`. Throws Trouble. */
export async function openLook(
  request: DriveRequest,
  signal: AbortSignal,
  mayBeLocked = false,
): Promise<DriveLook> {
  const { drive, network, keys, settings, directories, log } = request
  const lifecycle = new Lifecycle()
  const close = () =>
    lifecycle.stop((part, error) => {
      const why = error instanceof Error ? error.message : String(error)
      log.error('a part did not end well', { part, why })
    })
  try {
    const hasKey = drive.key !== undefined && keys.has(drive.key)
    const key = hasKey ? { keys, name: drive.key } : undefined
    const connection = await connect(network, key, settings, lifecycle, log)
    const access = hasKey ? 'sign' : 'read'
    const opened = await unlockedManifest(request, connection, access, signal, mayBeLocked)
    const cache = await lifecycle.start('cache', async () => {
      const { memoryBytes, cacheBytes: diskBytes } = settings
      const sizes = { memoryBytes, diskBytes, log }
      const made = await MemoryOverDiskCache.open(directories.cache, sizes)
      return [made, () => made.close()] as const
    })
    const { codec } = opened
    const source = new LayeredContent({ store: connection.store, codec, cache, log })
    const past = drive.at && (await standInPast(drive, drive.at, opened.state, source))
    const { manifest, state } = past ?? opened
    const stood = past ? { ...request, drive: past.drive } : request
    const present = past?.present.base
    return { ...opened, request: stood, connection, manifest, state, present, source, close }
  } catch (error) {
    await close()
    throw error
  }
}
