import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { FileStaging } from '../../src/content/file-staging.ts'
import { LayeredContent } from '../../src/content/layered-content.ts'
import { driveKeysOf, newDriveKey, type DriveKeys } from '../../src/crypto/drive-keys.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { FileJournal } from '../../src/journal/file-journal.ts'
import { openedRecords, SealedJournal } from '../../src/journal/sealed-journal.ts'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { headOf, type ManifestHead } from '../../src/manifest/manifest-head.ts'
import { MemoryDrive } from '../../src/manifest/memory-drive.ts'
import { MemoryManifest } from '../../src/manifest/memory-manifest.ts'
import { SealedManifest } from '../../src/manifest/sealed-manifest.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type Disk, localDisk } from '../../src/runtime/disk.ts'
import { silentLog } from '../../src/runtime/log.ts'
import type { BlobStore } from '../../src/store/blob-store.ts'
import { FaultScript, withFaults } from '../../src/store/faults.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import { decodeRootRecord } from '../../src/tree/format/root-format.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import type { WorktreeApi } from '../../src/tree/worktree-api.ts'
import { Appender } from '../../src/writeback/appender.ts'
import { Collector } from '../../src/writeback/collector.ts'
import { Committer, isConflict } from '../../src/writeback/committer.ts'
import { historyOfState } from '../../src/writeback/history-of-state.ts'
import { PackThread } from '../../src/writeback/pack-thread.ts'
import { isAppend, type Pending } from '../../src/writeback/pending-append.ts'
import { Rebaser } from '../../src/writeback/rebaser.ts'
import { recover } from '../../src/writeback/recovery.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { Stand } from '../../src/writeback/stand.ts'
import { StateLog, stateRecords } from '../../src/writeback/state-log.ts'

/** What a desk wants of a test: where to leave its end. */
export interface Ending {
  teardown(undo: () => unknown): void
}

export const never = new AbortController().signal

/** The machine under a desk. */
export interface Ground {
  readonly disk: Disk
  /** Of the machine's last start; undefined: this machine's own. */
  readonly bootId: Buffer | undefined
  /** Of the state directory. */
  readonly home: string
}

/** A drive on an in-memory network, and a state directory that outlives what works with it. */
export class Desk {
  readonly network = new MemoryNetwork()
  readonly drive: MemoryDrive
  readonly account: ObjectId
  readonly script = new FaultScript()
  readonly store: BlobStore
  readonly manifest: Manifest
  readonly packBytes: number
  /** Of a sealed drive. */
  readonly keys: DriveKeys | undefined
  /** A test may put another in its place between two sittings. */
  ground: Ground
  readonly #test: Ending

  constructor(test: Ending, packBytes = 1 << 20, sealed = false) {
    this.#test = test
    this.packBytes = packBytes
    this.keys = sealed ? driveKeysOf(newDriveKey()) : undefined
    this.drive = new MemoryDrive(this.network)
    this.account = this.network.openAccount()
    this.store = withFaults(new MemoryStore(this.network, this.account), this.script)
    const writer = this.drive.firstWriter
    const manifest = new MemoryManifest({ drive: this.drive, account: this.account, writer })
    const troubled = withFaults(manifest, this.script)
    this.manifest = this.keys ? new SealedManifest(troubled, this.keys.records) : troubled
    this.ground = { disk: localDisk, bootId: undefined, home: this.scratch() }
  }

  /** A directory that is deleted when the test ends. */
  scratch(): string {
    const path = mkdtempSync(join(tmpdir(), 'walrusfs-desk-'))
    this.#test.teardown(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  /** Works on the state directory until `leave`; what the last one left is brought back. */
  async sit(): Promise<Sitting> {
    const sitting = await Sitting.open(this, this.ground)
    this.#test.teardown(() => sitting.leave())
    return sitting
  }

  /** Another machine: a state directory of its own. */
  async elsewhere(): Promise<Sitting> {
    return this.sitAt(this.another())
  }

  /** A state directory for another machine. */
  another(): string {
    return this.scratch()
  }

  /** The same as `sit` there. */
  async sitAt(home: string): Promise<Sitting> {
    const sitting = await Sitting.open(this, { disk: localDisk, bootId: undefined, home })
    this.#test.teardown(() => sitting.leave())
    return sitting
  }

  /** Blob objects that were paid for. */
  async paid(): Promise<number> {
    return (await this.store.owned(never)).length
  }
}

/** All parts of a writable drive, over one state directory. */
export class Sitting {
  readonly worktree: WorktreeApi
  readonly content: LayeredContent
  readonly staging: FileStaging
  readonly cache: MemoryOverDiskCache
  readonly committer: Committer
  readonly collector: Collector
  readonly appender: Appender
  readonly rebaser: Rebaser
  readonly stand: Stand
  readonly log: StateLog
  readonly changes: number
  readonly moved: boolean
  pending: Pending | undefined
  sequence: bigint
  readonly #leave: () => Promise<void>
  readonly #desk: Desk

  private constructor(
    parts: Omit<Sitting, 'commit' | 'append' | 'store' | 'takeOver' | 'leave' | 'vanish'> & {
      readonly end: () => Promise<void>
      readonly desk: Desk
    },
  ) {
    const { worktree, content, staging, cache, committer, collector } = parts
    const { log, changes, moved, pending, sequence } = parts
    Object.assign(this, { worktree, content, staging, committer, log, changes, moved })
    this.collector = collector
    const { appender, rebaser, stand } = parts
    this.worktree = worktree
    this.content = content
    this.staging = staging
    this.cache = cache
    this.committer = committer
    this.appender = appender
    this.rebaser = rebaser
    this.stand = stand
    this.log = log
    this.changes = changes
    this.moved = moved
    this.pending = pending
    this.sequence = sequence
    this.#leave = parts.end
    this.#desk = parts.desk
  }

  static async open(desk: Desk, { home, disk, bootId }: Ground): Promise<Sitting> {
    const packDirectory = join(home, 'packs')
    mkdirSync(packDirectory, { recursive: true })
    const { store, manifest, packBytes, keys } = desk
    const codec = openPieceCodec({ key: keys?.pieces })
    const key = keys?.staging
    const staging = await FileStaging.open(join(home, 'staging'), { disk, key })
    const { journal: file } = await FileJournal.open(join(home, 'journal'), {
      disk,
      ...(bootId && { bootId }),
      before: () => staging.sync(),
    })
    const journal = keys ? new SealedJournal(file, keys.journal) : file
    const cache = await MemoryOverDiskCache.open(join(home, 'cache'), {
      disk,
      memoryBytes: 1 << 24,
    })
    const content = new LayeredContent({ store, codec, cache, staging, journal })
    const log = new StateLog(journal)
    const state = await manifest.load(never)
    const open = async ({ root, inline }: ManifestHead): Promise<WorktreeApi> => {
      const self = root && rootPiece(root)
      const base = self && decodeRootRecord(await content.piece(self), self)
      const worktree = new Worktree({ source: content, ...(base ? { base } : {}) })
      worktree.standOn(inline)
      return worktree
    }
    const history = historyOfState(stateRecords(openedRecords(file.replay(), keys?.journal)))
    const resume = { directory: packDirectory, codec, staging, capacity: packBytes }
    const past = () => manifest.past(never)
    const recovery = { log, staging, resume, says: silentLog, warn: () => {}, past, open }
    const { worktree, head, pending, changes, moved } = await recover(
      history,
      state,
      recovery,
    ).catch(async (error: unknown) => {
      await journal.close().catch(() => {})
      await staging.close()
      await cache.close()
      throw error
    })
    worktree.onChange = (change) => log.change(change)
    const thread = new PackThread(keys)
    const stand = new Stand(head)
    const parts = { worktree, log, staging, source: content, store, manifest, cache, thread, stand }
    const options = { packDirectory, packBytes, epochs: 5, writer: 'desk' }
    const tools = { ...parts, clock: systemClock, says: silentLog }
    const committer = new Committer(tools, options)
    const appender = new Appender({ ...tools, writer: 'desk' })
    const rebaser = new Rebaser({
      ...tools,
      host: 'desk',
      gather: async () => {},
      onRebased: () => {},
    })
    const collector = new Collector({ ...parts, clock: systemClock }, options)
    const end = async () => {
      await thread.close()
      await journal.close().catch(() => {})
      await staging.close()
      await cache.close()
    }
    const sequence = moved ? 0n : state.sequence
    return new Sitting({
      worktree,
      content,
      staging,
      cache,
      committer,
      collector,
      appender,
      rebaser,
      stand,
      log,
      changes,
      moved,
      pending,
      sequence,
      end,
      desk,
    })
  }

  /** Carries the pending commit through, or a new one. */
  async commit(): Promise<void> {
    this.pending ??= this.committer.begin(Date.now())
    this.sequence = isAppend(this.pending)
      ? await this.appender.advance(this.pending, never)
      : await this.committer.advance(this.pending, this.sequence, () => {}, never)
    this.pending = undefined
  }

  /** The same with a record for the manifest. False where the changes do not fit into one; nothing was done then. */
  async append(): Promise<boolean> {
    this.pending ??= this.appender.begin(Date.now(), this.sequence)
    if (!this.pending) return false
    await this.commit()
    return true
  }

  /** Stores what is changed, as what fits or as a commit, whatever others did before. */
  async store(as: 'fits' | 'commit' = 'fits'): Promise<void> {
    for (;;) {
      try {
        if (as === 'commit' || !(await this.append())) await this.commit()
        return
      } catch (error) {
        if (!isConflict(error)) throw error
        const { pending } = this
        this.pending = undefined
        if (pending && isAppend(pending)) await this.appender.abandon(pending)
        else if (pending) await this.committer.abandon(pending)
        await this.takeOver()
      }
    }
  }

  /** Stands on what another writer stored. */
  async takeOver(): Promise<void> {
    const state = await this.#desk.manifest.load(never)
    if (state.sequence > 0n) await this.rebaser.rebase(headOf(state))
    this.sequence = state.sequence
  }

  /** Ends well. */
  async leave(): Promise<void> {
    await this.#leave()
  }

  /** As a killed process leaves it: what was handed to the files in the last turns is there, nothing is closed. */
  async vanish(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await setImmediate()
  }
}
