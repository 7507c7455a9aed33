import { join } from 'node:path'
import { MemoryOverDiskCache } from '../cache/memory-over-disk-cache.ts'
import { LayeredContent } from '../content/layered-content.ts'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Manifest, ManifestState } from '../manifest/manifest.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { connect, manifestOf, type Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'
import { standInPast } from './past/stand-in-past.ts'
import { SeenManifest } from './seen-manifest.ts'

/** A drive that may be damaged: connected, and nothing of its tree read yet. */
export interface DriveLook {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly state: ManifestState
  /** Where a past state is looked at: the last commit of all, whose table says which packs are kept. */
  readonly present: RootRecord | undefined
  readonly codec: PieceCodec
  /** Its pieces, checked, from the cache where they are there. */
  readonly source: NodeSource
  close(): Promise<void>
}

/** Opens a drive to be examined; with its key, where that is here, to know the account's blobs. Throws Trouble. */
export async function openLook(request: DriveRequest, signal: AbortSignal): Promise<DriveLook> {
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
    const seenPath = join(directories.state, request.stateName ?? drive.name, 'seen.json')
    const seen = new SeenManifest(seenPath, drive.manifest, request.acceptRollback === true, log)
    const opened = await manifestOf(connection, drive, access, seen, log, signal)
    const now = await opened.load(signal)
    const cache = await lifecycle.start('cache', async () => {
      const { memoryBytes, cacheBytes: diskBytes } = settings
      const sizes = { memoryBytes, diskBytes, log }
      const opened = await MemoryOverDiskCache.open(directories.cache, sizes)
      return [opened, () => opened.close()] as const
    })
    const codec = openPieceCodec()
    const source = new LayeredContent({ store: connection.store, codec, cache, log })
    const past = drive.at && (await standInPast(drive, drive.at, now, source))
    const { manifest, state } = past ?? { manifest: opened, state: now }
    const stood = past ? { ...request, drive: past.drive } : request
    const present = past?.present.base
    return { request: stood, connection, manifest, state, present, codec, source, close }
  } catch (error) {
    await close()
    throw error
  }
}
