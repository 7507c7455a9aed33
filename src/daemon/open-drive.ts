import { hash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { MemoryOverDiskCache } from '../cache/memory-over-disk-cache.ts'
import { LayeredContent } from '../content/layered-content.ts'
import type { WholeFiles } from '../content/whole-files.ts'
import type { DriveKeys } from '../crypto/drive-keys.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { LeaseKeeper } from '../manifest/lease-keeper.ts'
import type { Manifest, ManifestState } from '../manifest/manifest.ts'
import type { Renewer } from '../renewal/renewer.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { NamelessLog, type Log } from '../runtime/log.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { RebaseResult, WorktreeApi } from '../tree/worktree-api.ts'
import type { Collector } from '../writeback/collector.ts'
import type { Reviver } from '../writeback/reviver.ts'
import type { WriteBack } from '../writeback/write-back.ts'
import type { Following } from './follow-manifest.ts'
import { watchFullNode, type FullNodeView } from './full-node-watch.ts'
import { connect, type Connection } from './connection.ts'
import type { Directories } from './directories.ts'
import type { DriveReference } from './drive-reference.ts'
import type { Keystore } from './keystore.ts'
import type { DriveBudget } from './drive-budget.ts'
import { openReadOnly } from './open-read-only.ts'
import { openWholeFiles } from './open-whole-files.ts'
import { openWritable } from './open-writable.ts'
import { standInPast } from './past/stand-in-past.ts'
import type { SharedParts } from './shared-parts.ts'
import { Trouble } from '../terms/trouble.ts'
import { storedTrouble } from './stored-trouble.ts'
import type { DriveSettings } from './settings.ts'
import type { KeyOffer } from './unlock-drive.ts'
import { unlockedManifest } from './unlocked-manifest.ts'
import type { NetworkParameters } from '../store/networks.ts'

/** What a drive is opened with. */
export interface DriveRequest {
  readonly drive: DriveReference
  readonly network: NetworkParameters
  readonly directories: Directories
  readonly keys: Keystore
  readonly settings: DriveSettings
  readonly readOnly: boolean
  /** What opens it where it is sealed, beside keys that are here. */
  readonly unlock?: KeyOffer | undefined
  /** Uses the drive's key, where it is here, although the tree is only read: to look after its storage. */
  readonly signs?: boolean
  /** Takes what the full node shows although this machine has seen a newer state. */
  readonly acceptRollback?: boolean
  /** Begins with what this machine remembers, without touching the network. */
  readonly offline?: boolean
  /** Name of its state directory. @default the drive's */
  readonly stateName?: string
  /** Thrown where the drive is not a snapshot that was frozen on chain: it would have had to be opened to be changed. */
  readonly unlessFrozen?: Trouble
  readonly log: Log
  /** Something a person should know, once, at the start. */
  readonly warn: (text: string) => void
}

/** A drive without a mount: its names, its bytes, and, where it may be changed, its way back to the network. */
export interface Drive {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly cache: MemoryOverDiskCache
  readonly codec: PieceCodec
  /** Undefined for a drive that is not sealed. */
  readonly keys: DriveKeys | undefined
  readonly content: LayeredContent
  /** Files for the kernel to read by itself, where that is wanted and may be. */
  readonly whole: WholeFiles | undefined
  readonly worktree: WorktreeApi
  /** Undefined when it is read-only. */
  readonly writable: WritablePart | undefined
  /** How it keeps up with what others commit. */
  readonly following: Following
  /** Whether the full node keeps up with the chain. */
  readonly fullNode: FullNodeView
  /** The manifest when the drive was opened. */
  readonly state: ManifestState
  /** Where a past state was opened: the last commit of all, whose table says which packs are kept. */
  readonly present: RootRecord | undefined
  /** Fetches what programs have written and is not here yet, before another writer's changes are taken over; set by whoever mounts. */
  gather: () => Promise<void>
  /** What another writer changed; set by whoever has caches to mend. */
  onRebased: (result: RebaseResult) => void
  /** Ends everything. What is not committed stays in the state directory. */
  close(): Promise<void>
}

/** The parts that only a drive that may be changed has. */
export interface WritablePart {
  readonly writeBack: WriteBack
  /** Gives up packs that nothing needs, when it is asked to. */
  readonly collector: Collector
  /** Stores packs anew that are no longer stored, when it is asked to. */
  readonly reviver: Reviver
  readonly stateDirectory: string
  /** Who has the drive alone, if anybody. */
  readonly lease: LeaseKeeper
  /** Looks after the storage once it is started. */
  readonly renewer: Renewer
  /** What storage costs in this month, and may cost. */
  readonly budget: DriveBudget
  /** What was changed outlives this process when it returns. */
  readonly handOver: () => void
  /** All that waits would go into the manifest, and cost no storage. */
  readonly fitsManifest: () => boolean
  /** Bytes that are only here. */
  readonly dirtyBytes: () => number
  /** First epoch in which some blob of the tree under it is no longer stored. */
  readonly endEpoch: () => number | undefined
}

/** Opens a drive; on a failure everything is ended again. Throws Trouble. */
export async function openDrive(request: DriveRequest, signal: AbortSignal): Promise<Drive> {
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
    throw storedTrouble(error, request.drive.name)
  }
}

async function openParts(
  asked: DriveRequest,
  lifecycle: Lifecycle,
  close: () => Promise<void>,
  signal: AbortSignal,
): Promise<Drive> {
  const { drive, network, keys, settings, readOnly, directories } = asked
  const signs = asked.signs === true && drive.key !== undefined && keys.has(drive.key)
  const key =
    drive.key !== undefined && (!readOnly || signs) ? { keys, name: drive.key } : undefined
  const connection = await connect(network, key, settings, lifecycle, asked.log, asked.offline)
  const access = readOnly ? (signs ? 'sign' : 'read') : 'write'
  const stateDirectory = join(directories.state, asked.stateName ?? drive.name)
  const opening = await unlockedManifest(asked, connection, access, signal)
  const { codec, unlocked } = opening
  checkPassthrough(asked, unlocked !== undefined)
  if (asked.unlessFrozen && !opening.isFrozen) throw asked.unlessFrozen
  const log = unlocked ? new NamelessLog(asked.log) : asked.log
  const request = { ...asked, log }
  const fullNode = await watchFullNode(connection, lifecycle, log)
  const cache = await lifecycle.start('cache', async () => {
    const { memoryBytes, cacheBytes: diskBytes } = settings
    const opened = await MemoryOverDiskCache.open(directories.cache, {
      memoryBytes,
      diskBytes,
      owner: pinOwner(stateDirectory, drive.manifest),
      log,
    })
    return [opened, () => opened.close()] as const
  })
  const hooks: Pick<Drive, 'gather' | 'onRebased'> = { gather: async () => {}, onRebased: () => {} }
  const { clock, deadlineMs } = settings.pace
  const waiting = { clock, deadlineMs, down: connection.bandwidth.down }
  const content: SharedParts['content'] = (options) =>
    new LayeredContent({ store: connection.store, codec, cache, log, ...waiting, ...options })
  const past = drive.at && (await standInPast(drive, drive.at, opening.state, content({})))
  const { manifest, state } = past ?? opening
  const stood = past ? { ...request, drive: past.drive } : request
  const common = { request: stood, connection, manifest, state, cache }
  const shared: SharedParts = {
    ...common,
    codec,
    keys: unlocked?.keys,
    lifecycle,
    host: hostname(),
    stateDirectory,
    memory: opening.memory,
    gather: () => hooks.gather(),
    onRebased: (result) => hooks.onRebased(result),
    content,
  }
  const rest = readOnly ? await openReadOnly(shared) : await openWritable(shared, signal)
  const whole = await openWholeFiles(request, cache, codec, lifecycle)
  const seals = { codec, keys: unlocked?.keys }
  const present = past?.present.base
  return Object.assign(hooks, { ...common, present, ...seals, fullNode, whole, close, ...rest })
}

/** Whose pins the disk cache keeps: those of this state directory's drive. */
function pinOwner(stateDirectory: string, manifest: string): string {
  return hash('sha256', `${stateDirectory}\n${manifest}`, 'hex').slice(0, 32)
}

/** Whole files for the kernel lie in the cache as they are read. */
function checkPassthrough({ settings, drive }: DriveRequest, isSealed: boolean): void {
  if (!settings.passthrough || !isSealed) return
  throw new Trouble(
    'usage',
    `${drive.name} is sealed, and --passthrough would keep plain files in the disk cache: mount it without`,
  )
}
