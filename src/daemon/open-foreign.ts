import { join } from 'node:path'
import { MemoryOverDiskCache } from '../cache/memory-over-disk-cache.ts'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { Content } from '../content/content-api.ts'
import { LayeredContent } from '../content/layered-content.ts'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import { CheckedContent } from '../foreign/checked-content.ts'
import { Columns } from '../foreign/columns-view.ts'
import { Damages } from '../foreign/damages.ts'
import { ListedTree } from '../foreign/listed-tree.ts'
import { NamedCache } from '../foreign/named-cache.ts'
import { NamedHashes } from '../foreign/named-hashes.ts'
import { Views } from '../foreign/named-pieces.ts'
import type { ReadParts } from '../foreign/quilt/quilt.ts'
import { ViewBytes } from '../foreign/view-bytes.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import type { NetworkParameters } from '../store/networks.ts'
import type { RebaseResult } from '../tree/worktree-api.ts'
import { connect, type Connection } from './connection.ts'
import type { Directories } from './directories.ts'
import type { ForeignReference } from './foreign-reference.ts'
import { showListing, type ShownListing } from './foreign-listing.ts'
import { foreignTrouble } from './foreign-trouble.ts'
import type { DriveSettings } from './settings.ts'

/** What something that others published is opened with. */
export interface ForeignRequest {
  readonly reference: ForeignReference
  readonly network: NetworkParameters
  readonly directories: Directories
  readonly settings: DriveSettings
  /** Compressed files of a site are shown as they are stored. */
  readonly asStored: boolean
  readonly log: Log
  readonly warn: (text: string) => void
}

/** Something that others published, as names and bytes. */
export interface Foreign extends ShownListing {
  readonly request: ForeignRequest
  readonly connection: Connection
  readonly cache: PieceCache
  readonly content: Content
  readonly worktree: ListedTree
  readonly damages: Damages
  /** It shows other names now; set by whoever has caches to mend. */
  onChanged: (result: RebaseResult) => void
  close(): Promise<void>
}

/** Opens a blob, a quilt or a site; on a failure everything is ended again. No key is used and nothing is changed. Throws Trouble. */
export async function openForeign(request: ForeignRequest, signal: AbortSignal): Promise<Foreign> {
  const lifecycle = new Lifecycle()
  const close = () =>
    lifecycle.stop((part, error) => {
      const why = error instanceof Error ? error.message : String(error)
      request.log.error('a part did not end well', { part, why })
    })
  try {
    return await openParts(request, lifecycle, close, signal)
  } catch (error) {
    await close()
    signal.throwIfAborted()
    throw foreignTrouble(error, request)
  }
}

async function openParts(
  request: ForeignRequest,
  lifecycle: Lifecycle,
  close: () => Promise<void>,
  signal: AbortSignal,
): Promise<Foreign> {
  const { network, settings, log } = request
  const connection = await connect(network, undefined, settings, lifecycle, log)
  const { store } = connection
  const cache = await openCache(request, lifecycle)
  const [views, damages] = [new Views(), new Damages()]
  const { clock, deadlineMs } = settings.pace
  const layers = await lifecycle.start('content', async () => {
    const codec = openPieceCodec()
    const options = { store: views, codec, cache, log, clock, deadlineMs }
    const opened = new LayeredContent({ ...options, matches: damages.matches })
    return [opened, () => opened.close()] as const
  })
  const { shards } = await store.limits(signal)
  const bytes = new ViewBytes(layers, views)
  const parts: ReadParts = { store, views, columns: new Columns(store), bytes, shards }
  const worktree = new ListedTree({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 })
  const hooks: Pick<Foreign, 'onChanged'> = { onChanged: () => {} }
  const onChanged = (result: RebaseResult): void => hooks.onChanged(result)
  const from = { request, connection, parts, damages, tree: worktree, lifecycle, onChanged }
  const shown = await showListing(from, signal)
  const content = new CheckedContent(layers, (file) => damages.add(file))
  const opened = { request, connection, cache, content, worktree, damages, ...shown, close }
  return Object.assign(hooks, opened)
}

async function openCache(
  { directories, settings, log }: ForeignRequest,
  lifecycle: Lifecycle,
): Promise<PieceCache> {
  return lifecycle.start('cache', async () => {
    const { memoryBytes, cacheBytes: diskBytes } = settings
    const inner = await MemoryOverDiskCache.open(directories.cache, { memoryBytes, diskBytes, log })
    const path = join(directories.cache, 'names')
    const hashes = NamedHashes.open({ path, keyPath: join(directories.state, 'names.key') })
    const opened = new NamedCache(inner, hashes)
    return [opened, () => opened.close()] as const
  })
}
