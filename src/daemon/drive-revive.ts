import type { ControlProgress } from '../control/protocol.ts'
import type { ReviveReport } from '../control/revive-report.ts'
import { ManifestError } from '../manifest/manifest.ts'
import type { Survey } from '../renewal/survey.ts'
import type { UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { packRows } from '../tree/pack-rows.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { Collection } from '../writeback/collector.ts'
import type { LostPack } from '../writeback/reviver.ts'
import type { Drive, WritablePart } from './open-drive.ts'
import { chainTrouble } from './renewal-report.ts'
import {
  isHere,
  reviveReport,
  reviveSurvey,
  type ReviveSurvey,
  type ReviveWish,
} from './revive-survey.ts'

/** Packs that are made, sent and certified at a time: their files take room meanwhile. */
const perBatch = 16
/** Somebody else's commit in between: it is looked anew. */
const conflictTries = 5

/** Says what would be brought back. Needs no right to change the drive. Throws Trouble. */
export async function planRevive(
  drive: Drive,
  wish: ReviveWish,
  signal: AbortSignal,
): Promise<ReviveReport> {
  try {
    const look = await reviveSurvey(drive, wish, signal)
    const nothing = { revived: new Set<BlobId>(), failed: new Map(), commits: 0, notes: [] }
    return reviveReport(look, wish, { dryRun: true, sequence: undefined, ...nothing })
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

/** Brings back what this machine's cache has all of. Throws Trouble. */
export async function runRevive(
  drive: Drive,
  wish: ReviveWish,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<ReviveReport> {
  const { writable, request } = drive
  if (!writable) {
    throw new Trouble(
      'read-only',
      `${request.drive.name} is opened read-only: nothing was stored anew`,
    )
  }
  try {
    return await new RunningRevive(drive, writable, wish, progress, signal).run()
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

class RunningRevive {
  readonly #drive: Drive
  readonly #writable: WritablePart
  readonly #wish: ReviveWish
  readonly #progress: (progress: ControlProgress) => void
  readonly #signal: AbortSignal
  readonly #revived = new Set<BlobId>()
  readonly #failed = new Map<BlobId, string>()
  #commits = 0
  #sequence: bigint | undefined

  constructor(
    drive: Drive,
    writable: WritablePart,
    wish: ReviveWish,
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
  ) {
    this.#drive = drive
    this.#writable = writable
    this.#wish = wish
    this.#progress = progress
    this.#signal = signal
  }

  async run(): Promise<ReviveReport> {
    const { writeBack } = this.#writable
    const first = await writeBack.alone(() => this.#all(), this.#signal)
    const notes: string[] = []
    if (this.#revived.size > 0 && this.#commits === 0) {
      // They can be read again, so nothing keeps what lies in the manifest from being stored; unless more is lost.
      if (this.#revived.size < first.packs.length) {
        notes.push(
          'small changes lie in the manifest, and not all that is lost came back: the table of packs names the new blob objects from the next gc on; renewals find them by themselves',
        )
      } else await this.#tell()
    }
    return reviveReport(first, this.#wish, {
      dryRun: false,
      revived: this.#revived,
      failed: this.#failed,
      commits: this.#commits,
      sequence: this.#sequence,
      notes,
    })
  }

  /** In batches; the last one with the commit that names the new blob objects, where nothing is in its way. */
  async #all(): Promise<ReviveSurvey> {
    let first: ReviveSurvey | undefined
    for (let conflicts = 0; ;) {
      this.#say('survey', 0)
      const look = await reviveSurvey(this.#drive, this.#wish, this.#signal)
      first ??= look
      const { now, base } = look
      const here = look.packs.flatMap((pack): LostPack[] => {
        const { blob } = pack.life
        if (!isHere(pack) || this.#failed.has(blob)) return []
        return [{ blob, from: pack.copy as LostPack['from'] }]
      })
      if (here.length === 0 || !base) return first
      const batch = here.slice(0, perBatch)
      const say = (step: string, done: number) => this.#say(step, done)
      const { uploaded, failed } = await this.#writable.reviver.revive(
        batch,
        this.#wish.epochs,
        say,
        this.#signal,
      )
      for (const [blob, why] of failed) this.#failed.set(blob, why)
      if (uploaded.length === 0) continue
      try {
        const isLast = batch.length === here.length && now.state.inline.length === 0
        if (isLast) await this.#commit(now, base, uploaded)
        else await this.#certify(uploaded)
      } catch (error) {
        const isConflict = error instanceof ManifestError && error.code === 'conflict'
        if (!isConflict || ++conflicts >= conflictTries) throw error
        continue
      }
      for (const { blobId } of uploaded) this.#revived.add(blobId)
    }
  }

  /** Whatever others commit meanwhile: what is stored again hurts nobody. */
  async #certify(uploaded: readonly UploadedBlob[]): Promise<void> {
    const { store } = this.#drive.connection
    const parts = uploaded.map((blob) => store.certify(blob))
    await store.execute(parts, this.#signal)
  }

  async #commit(now: Survey, base: RootRecord, uploaded: readonly UploadedBlob[]): Promise<void> {
    const collection = await tableOf(now, base, this.#drive.content, uploaded)
    const say = (step: string, done: number) => this.#say(step, done)
    const { sequence } = await this.#writable.collector.collect(collection, say, this.#signal)
    this.#commits++
    this.#sequence = sequence
  }

  /** Has the table name the blob objects that there are now: what lies in the manifest goes into packs first. */
  async #tell(): Promise<void> {
    const { writeBack } = this.#writable
    await writeBack.sync(this.#signal)
    await writeBack.fold(this.#signal)
    await writeBack.alone(async () => {
      const { now, base } = await reviveSurvey(this.#drive, this.#wish, this.#signal)
      if (base && now.state.inline.length === 0) await this.#commit(now, base, [])
    }, this.#signal)
  }

  #say(step: string, done: number): void {
    this.#progress({ step, done, total: 0 })
  }
}

/** A commit of the same tree whose table names the blob objects that packs have now. */
export async function tableOf(
  { state, packs }: Pick<Survey, 'state' | 'packs'>,
  base: RootRecord,
  source: NodeSource,
  revived: readonly UploadedBlob[],
): Promise<Collection> {
  const known = new Map((await packRows(base.packs, source)).map((row) => [row.blob, row]))
  const again = new Map(revived.map((blob) => [blob.blobId, blob]))
  const rows = packs.map(({ blob, object, bytes: seen, endEpoch: ends }) => {
    const row = known.get(blob)
    const now = again.get(blob)
    const bytes = now?.bytes ?? seen
    return {
      blob,
      objectId: now?.objectId ?? object?.objectId ?? row?.objectId,
      bytes,
      // Of a pack that its own table could not name, all may be live.
      liveBytes: row?.liveBytes ?? bytes,
      endEpoch: now?.endEpoch ?? ends,
    }
  })
  return {
    sequence: state.sequence,
    base,
    rows,
    revived,
    removed: [],
    repacked: new Set(),
    endEpoch: Math.min(...rows.map(({ endEpoch }) => endEpoch)),
  }
}
