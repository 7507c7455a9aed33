import type { ControlProgress } from '../control/protocol.ts'
import type { GcReport } from '../control/gc-report.ts'
import { ManifestError } from '../manifest/manifest.ts'
import { firstEnd } from '../renewal/pack-life.ts'
import type { BlobStore, OwnedBlob } from '../store/blob-store.ts'
import { Trouble } from '../terms/trouble.ts'
import { decodePackTrailer, packTrailerBytes } from '../tree/format/pack-format.ts'
import { FormatError } from '../tree/format-error.ts'
import type { Collection } from '../writeback/collector.ts'
import { gcReport } from './gc-report-of.ts'
import { gcSurvey, type GcPolicy, type GcSurvey } from './gc-survey.ts'
import { refuseWhileLeased } from './drive-lease.ts'
import type { Drive, WritablePart } from './open-drive.ts'
import { chainTrouble } from './renewal-report.ts'

/** What `gc` is asked. */
export interface GcWish extends GcPolicy {
  /** For people: which snapshots are kept. */
  readonly keepText: string
  /** Packs that no drive of the key names are deleted, too. */
  readonly strays: boolean
}

/** Blobs deleted in one transaction. */
const perTransaction = 200
/** Somebody else's commit in between: it is planned anew. */
const conflictTries = 5

/** Says what a collection would do. Needs no right to change the drive. Throws Trouble. */
export async function planGc(drive: Drive, wish: GcWish, signal: AbortSignal): Promise<GcReport> {
  const uploading = new Set(drive.writable?.writeBack.uploading)
  try {
    const look = await gcSurvey(drive, wish, uploading, signal)
    return gcReport(look, wish, { dryRun: true, commits: 0, deleted: 0, sequence: undefined })
  } catch (error) {
    throw chainTrouble(error)
  }
}

/** Collects: what is planned is told, and what was done. Changes that wait are stored before. Throws Trouble. */
export async function runGc(
  drive: Drive,
  wish: GcWish,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<GcReport> {
  const { writable, request } = drive
  if (!writable) {
    throw new Trouble('read-only', `${request.drive.name} is opened read-only: nothing was deleted`)
  }
  refuseWhileLeased(drive)
  try {
    await writable.writeBack.sync(signal)
    await writable.writeBack.fold(signal)
    const running = new RunningGc(drive, writable, wish, progress, signal)
    return await writable.writeBack.alone(() => running.run(), signal)
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

class RunningGc {
  readonly #drive: Drive
  readonly #writable: WritablePart
  readonly #wish: GcWish
  readonly #progress: (progress: ControlProgress) => void
  readonly #signal: AbortSignal
  #commits = 0
  #deleted = 0
  #sequence: bigint | undefined

  constructor(
    drive: Drive,
    writable: WritablePart,
    wish: GcWish,
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
  ) {
    this.#drive = drive
    this.#writable = writable
    this.#wish = wish
    this.#progress = progress
    this.#signal = signal
  }

  async run(): Promise<GcReport> {
    let first: GcSurvey | undefined
    let repackBelow = this.#wish.repackBelow
    for (let conflicts = 0; ;) {
      this.#say('survey', 0, 0)
      const look = await this.#look(repackBelow)
      first ??= look
      try {
        await this.#deleteOrphans(look)
        const collection = collectionOf(look)
        if (!collection) break
        await this.#collect(collection, look)
        repackBelow = 0
      } catch (error) {
        const isConflict = error instanceof ManifestError && error.code === 'conflict'
        if (!isConflict || ++conflicts >= conflictTries) throw error
      }
    }
    const [commits, deleted, sequence] = [this.#commits, this.#deleted, this.#sequence]
    return gcReport(first, this.#wish, { dryRun: false, commits, deleted, sequence })
  }

  async #look(repackBelow: number): Promise<GcSurvey> {
    const { writeBack } = this.#writable
    const uploading = new Set(writeBack.uploading)
    const policy = { ...this.#wish, repackBelow }
    const look = await gcSurvey(this.#drive, policy, uploading, this.#signal)
    if (look.now.state.inline.length === 0) return look
    throw new Trouble(
      'conflict',
      'another machine has put small changes into the manifest meanwhile: nothing more was deleted; run it again',
    )
  }

  async #collect(collection: Collection, { plan }: GcSurvey): Promise<void> {
    const { repackBytes } = plan
    const { sequence } = await this.#writable.collector.collect(
      collection,
      (step, done) => this.#say(step, done, step === 'pack' ? repackBytes : 0),
      this.#signal,
    )
    this.#commits++
    this.#deleted += collection.removed.length
    this.#sequence = sequence
  }

  /** Only as long as nobody has committed since they were looked at: that may have been what they were uploaded for. */
  async #deleteOrphans({ plan, now }: GcSurvey): Promise<void> {
    const { manifest, connection } = this.#drive
    const { store } = connection
    const strays = this.#wish.strays ? await packsAmong(plan.strays, store, this.#signal) : []
    const doomed = [...plan.orphans, ...strays]
    while (doomed.length > 0) {
      const batch = doomed.splice(0, perTransaction)
      const parts = [manifest.unmoved(now.state.sequence), store.remove(batch)]
      await store.execute(parts, this.#signal)
      this.#deleted += batch.length
    }
  }

  #say(step: string, done: number, total: number): void {
    this.#progress({ step, done, total })
  }
}

/** The next commit of a collection; undefined where nothing is left to be done by one. */
export function collectionOf({ now, base, needs, plan }: GcSurvey): Collection | undefined {
  const { unneeded, dropped, repacked } = plan
  if (!base || unneeded.length + dropped.length + repacked.length === 0) return undefined
  const some = unneeded.slice(0, perTransaction)
  const gone = new Set([...some, ...dropped].map(({ blob }) => blob))
  const kept = now.packs.filter(({ blob }) => !gone.has(blob))
  return {
    sequence: now.state.sequence,
    base,
    rows: kept.map(({ blob, object, bytes, endEpoch }) => {
      const liveBytes = Math.min(bytes, needs.live.get(blob) ?? 0)
      return { blob, objectId: object?.objectId, bytes, liveBytes, endEpoch }
    }),
    removed: some.flatMap(({ object }) => object ?? []),
    repacked: new Set(repacked.map(({ blob }) => blob)),
    endEpoch: firstEnd(kept) ?? Infinity,
  }
}

/** The key may own blobs that are nothing of ours. */
async function packsAmong(
  blobs: readonly OwnedBlob[],
  store: BlobStore,
  signal: AbortSignal,
): Promise<OwnedBlob[]> {
  const packs: OwnedBlob[] = []
  for (const blob of blobs) {
    const { blobId, bytes } = blob
    if (bytes < packTrailerBytes) continue
    const end = await store.read(blobId, bytes - packTrailerBytes, packTrailerBytes, signal)
    try {
      decodePackTrailer(end, blobId, bytes)
      packs.push(blob)
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
    }
  }
  return packs
}
