import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { StagingApi } from '../content/content-api.ts'
import { ManifestError, type Manifest } from '../manifest/manifest.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError, type BlobStore, type RegisteredBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import type { CommitBudget } from './commit-budget.ts'
import { makePacks, type BornPack } from './commit-packs.ts'
import type { MadePack } from './commit-record.ts'
import { PackBuilder } from './pack-builder.ts'
import type { PackThread } from './pack-thread.ts'
import {
  distinctPacks,
  packBytes,
  type PackedCommit,
  type PendingCommit,
} from './pending-commit.ts'
import type { Stand } from './stand.ts'
import type { StateLog } from './state-log.ts'
import { uploadPacks } from './upload-packs.ts'

/** What commits are made with. */
export interface CommitterParts {
  readonly worktree: WorktreeApi
  readonly log: StateLog
  readonly staging: StagingApi
  readonly source: NodeSource
  readonly store: BlobStore
  readonly manifest: Manifest
  readonly cache: PieceCache
  readonly thread: PackThread
  readonly stand: Stand
  /** @default no limit */
  readonly budget?: Pick<CommitBudget, 'admit'> | undefined
  readonly clock: Clock
  readonly says: Log
}

export interface CommitterOptions {
  /** Pack files wait here for the end of their commit. In the state directory. */
  readonly packDirectory: string
  /** The longest pack; less where the network takes less. @default 64 MiB */
  readonly packBytes?: number
  /** How many epochs new packs are paid for. */
  readonly epochs: number
  /** Who commits, for people: a host name. */
  readonly writer: string
  /** Packs sent at the same time. @default 2 */
  readonly uploads?: number
}

/** Tells how far a commit is. */
export interface CommitProgress {
  (step: 'pack' | 'register' | 'upload' | 'commit', done: number, total: number): void
}

/** So many certifications fit into one transaction, with the commit itself (Sui's limit is 128 KiB). */
const maxCertifications = 150

/**
 * Carries a commit through its steps. Each step is in the journal before the next begins, so `advance` may be called again
 * after any failure, or after a crash with what the journal tells, and nothing is paid twice.
 */
export class Committer {
  readonly #parts: CommitterParts
  readonly #options: CommitterOptions
  readonly #born = new Map<BlobId, BornPack>()
  uploadedBytes = 0

  constructor(parts: CommitterParts, options: CommitterOptions) {
    this.#parts = parts
    this.#options = options
    mkdirSync(options.packDirectory, { recursive: true, mode: 0o700 })
  }

  /** Freezes the worktree, in one turn. */
  begin(oldestMs: number | undefined): PendingCommit {
    const { log, staging, worktree } = this.#parts
    const commit = log.rotate()
    const stagingSegment = staging.seal()
    log.commit({ step: 'begin', commit, stagingSegment })
    const frozen = worktree.freeze()
    const nothing = { packed: undefined, registered: undefined, done: false }
    return { commit, stagingSegment, frozen, oldestMs, ...nothing, uploaded: new Map() }
  }

  /**
   * Does what is left of a commit; resolves with the manifest's new sequence number. Throws what stands in the way:
   * ManifestError `conflict` when someone else was first (then `abandon`), else call again.
   */
  async advance(
    pending: PendingCommit,
    expected: bigint,
    progress: CommitProgress,
    signal: AbortSignal,
  ): Promise<bigint> {
    const packed = (pending.packed ??= await this.#pack(pending, expected, progress, signal))
    await this.#register(pending, packed, progress, signal)
    await this.#upload(pending, packed, progress, signal)
    const sequence = await this.#commit(pending, packed, expected, progress, signal)
    await this.settle(pending, packed)
    return sequence
  }

  /**
   * The manifest names this commit: the worktree stands on it, and what was only kept for it is let go. The journal comes
   * first: when it takes no more, the same commit is found on chain by the next try.
   */
  async settle(pending: PendingCommit, packed: PackedCommit): Promise<void> {
    const { worktree, log, stand, says } = this.#parts
    log.commit({ step: 'committed', commit: pending.commit, root: packed.root })
    await worktree.committed(pending.frozen, packed.record, packed.settled.find)
    pending.done = true
    stand.head = { root: packed.root, inline: [] }
    this.#remember(pending, packed)
    this.uploadedBytes += packBytes(packed)
    try {
      await this.#letGo(pending, packed)
    } catch (error) {
      says.warn('what a commit no longer needs could not be deleted; the next one will', {
        why: error instanceof Error ? error.message : String(error),
      })
    }
  }

  async #letGo(pending: PendingCommit, packed: PackedCommit): Promise<void> {
    const { log, staging, cache, worktree } = this.#parts
    await log.sync()
    await log.dropBefore(pending.commit)
    await staging.release(pending.stagingSegment, worktree.slices())
    for (const pack of packed.packs) cache.adoptPack(pack.blobId, this.#pathOf(pack))
  }

  /** Gives a commit up: its changes wait again, its packs are deleted. */
  async abandon(pending: PendingCommit): Promise<void> {
    const { worktree, log } = this.#parts
    log.commit({ step: 'abandoned', commit: pending.commit })
    worktree.thaw(pending.frozen)
    pending.done = true
    await log.sync()
    for (const pack of pending.packed?.packs ?? []) rmSync(this.#pathOf(pack), { force: true })
  }

  async #pack(
    pending: PendingCommit,
    expected: bigint,
    progress: CommitProgress,
    signal: AbortSignal,
  ): Promise<PackedCommit> {
    const { worktree, log, staging, source, store, thread, stand, clock } = this.#parts
    const { sliceBytes } = pending.frozen
    progress('pack', 0, sliceBytes)
    const [limits, prices] = await Promise.all([store.limits(signal), store.prices(signal)])
    const builder = new PackBuilder({
      thread,
      directory: this.#options.packDirectory,
      prefix: String(pending.commit),
      capacity: Math.min(this.#options.packBytes ?? 64 << 20, limits.maxBlobBytes),
      encode: (pack) => store.encode(pack, signal),
    })
    const facts = {
      base: worktree.base,
      baseRoot: stand.head.root,
      sequence: Number(expected + 1n),
      timeMs: clock.now(),
      writer: this.#options.writer,
      endEpoch: prices.epoch + this.#options.epochs,
      born: this.#born,
      basePackBytes: await this.#basePackBytes(signal),
    }
    const done = (bytes: number) => progress('pack', bytes, sliceBytes)
    try {
      const packed = await makePacks(pending.frozen, builder, facts, staging, source, done, signal)
      const { packs, root } = packed
      log.commit({ step: 'packed', commit: pending.commit, packs, root })
      await log.sync()
      return packed
    } catch (error) {
      await builder.discard()
      throw error
    }
  }

  /** Asked for only after a restart or a rebase. 0: not known now. */
  async #basePackBytes(signal: AbortSignal): Promise<number> {
    const blob = this.#parts.worktree.base?.self.blob
    if (!blob) return 0
    const born = this.#born.get(blob)
    return born?.bytes ?? this.#parts.store.size(blob, signal).catch(() => 0)
  }

  async #register(
    pending: PendingCommit,
    packed: PackedCommit,
    progress: CommitProgress,
    signal: AbortSignal,
  ): Promise<void> {
    if (pending.registered && !(await this.#ended(pending.registered, signal))) return
    pending.uploaded.clear()
    progress('register', 0, packBytes(packed))
    const { store, budget } = this.#parts
    await budget?.admit(packed.packs, this.#options.epochs, signal)
    const blobs = await store.register(packed.packs, this.#options.epochs, signal)
    pending.registered = blobs
    this.#parts.log.commit({ step: 'registered', commit: pending.commit, blobs })
    await this.#parts.log.sync()
  }

  /** Changes may have waited here for longer than their storage was bought for, or than a gc elsewhere lets it wait. */
  async #ended(blobs: readonly RegisteredBlob[], signal: AbortSignal): Promise<boolean> {
    const { store } = this.#parts
    const { epoch } = await store.prices(signal)
    const ids = blobs.map(({ objectId }) => objectId)
    const objects = await store.objects(ids, signal)
    return objects.some((object) => !object?.ours || object.endEpoch <= epoch)
  }

  async #upload(
    pending: PendingCommit,
    packed: PackedCommit,
    progress: CommitProgress,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, log } = this.#parts
    await uploadPacks(
      pending,
      packed,
      {
        store,
        directory: this.#options.packDirectory,
        concurrency: this.#options.uploads ?? 2,
        onUploaded: (blob) => log.commit({ step: 'uploaded', commit: pending.commit, blob }),
        progress: (done, total) => progress('upload', done, total),
      },
      signal,
    )
    await log.sync()
  }

  async #commit(
    pending: PendingCommit,
    packed: PackedCommit,
    expected: bigint,
    progress: CommitProgress,
    signal: AbortSignal,
  ): Promise<bigint> {
    const { manifest, store } = this.#parts
    progress('commit', 0, 0)
    const uploaded = distinctPacks(packed).flatMap(
      (pack) => pending.uploaded.get(pack.blobId) ?? [],
    )
    const parts = uploaded.map((blob) => store.certify(blob))
    try {
      while (parts.length > maxCertifications) {
        await store.execute(parts.splice(0, maxCertifications), signal)
      }
      const { sequence } = await manifest.commit(expected, packed.root, parts, signal)
      return sequence
    } catch (error) {
      // Signatures of an epoch that has ended: the nodes sign anew, they have everything.
      if (error instanceof StoreError && error.code === 'stale-epoch') pending.uploaded.clear()
      throw error
    }
  }

  #remember({ registered }: PendingCommit, { packs, record, lastLive }: PackedCommit): void {
    this.#born.clear()
    for (const { blobId, objectId, endEpoch } of registered ?? []) {
      const bytes = packs.find((pack) => pack.blobId === blobId)?.bytes ?? 0
      const liveBytes = blobId === record.self.blob ? lastLive : undefined
      this.#born.set(blobId, { objectId, bytes, endEpoch, liveBytes })
    }
  }

  #pathOf(pack: MadePack): string {
    return join(this.#options.packDirectory, pack.file)
  }
}

/** Somebody else moved the manifest first. */
export function isConflict(error: unknown): boolean {
  return error instanceof ManifestError && error.code === 'conflict'
}
