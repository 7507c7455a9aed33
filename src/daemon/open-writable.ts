import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Content, StagingApi } from '../content/content-api.ts'
import { FileStaging } from '../content/file-staging.ts'
import type { LayeredContent } from '../content/layered-content.ts'
import { FileJournal, type OpenedJournal } from '../journal/file-journal.ts'
import type { Journal, ReplayedRecord } from '../journal/journal.ts'
import { openedRecords, SealedJournal } from '../journal/sealed-journal.ts'
import type { LeaseKeeper } from '../manifest/lease-keeper.ts'
import { ManifestError, type ManifestRoot, type ManifestState } from '../manifest/manifest.ts'
import { headOf, sameHead } from '../manifest/manifest-head.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { Appender } from '../writeback/appender.ts'
import { Collector } from '../writeback/collector.ts'
import { Committer } from '../writeback/committer.ts'
import { historyOfState, type StateHistory } from '../writeback/history-of-state.ts'
import { PackThread } from '../writeback/pack-thread.ts'
import { Rebaser } from '../writeback/rebaser.ts'
import { recover, type Recovered } from '../writeback/recovery.ts'
import { Reviver } from '../writeback/reviver.ts'
import { Schedule } from '../writeback/schedule.ts'
import { Stand } from '../writeback/stand.ts'
import { StateLog, stateRecords } from '../writeback/state-log.ts'
import { WriteBack } from '../writeback/write-back.ts'
import { unreachable } from './connection.ts'
import { budgetOf, spendingOf, type DriveBudget } from './drive-budget.ts'
import { openLease } from './drive-lease.ts'
import { renewerOf } from './drive-renewer.ts'
import { followManifest, type Following } from './follow-manifest.ts'
import type { WritablePart } from './open-drive.ts'
import { worktreeOn, type SharedParts } from './shared-parts.ts'
import { packBytes } from './pack-bytes.ts'
import { lockState } from './state-lock.ts'

/** A drive that may be changed: what an earlier run left in its state directory is there again. */
export async function openWritable(
  opened: SharedParts,
  signal: AbortSignal,
): Promise<{
  content: LayeredContent
  worktree: WorktreeApi
  writable: WritablePart
  following: Following
}> {
  const freed: { writeBack?: WriteBack } = {}
  const { shared, lease } = await locked(opened, () => freed.writeBack?.again(), signal)
  const spending = spendingOf(shared)
  const { lifecycle, stateDirectory, request } = shared
  const staging = await lifecycle.start('staging', async () => {
    const options = { log: request.log, key: shared.keys?.staging }
    const opened = await FileStaging.open(join(stateDirectory, 'staging'), options)
    return [opened, () => opened.close()] as const
  })
  const { journal, found, end } = await openJournal(shared, staging)
  sayHowItEnded(end, request.warn)
  const content = shared.content({ staging, journal })
  const log = new StateLog(journal)
  const maxBlobBytes = await largestBlob(shared, signal)
  const directory = join(stateDirectory, 'packs')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const says = request.log.room('recovery')
  const history = historyOfState(stateRecords(found))
  const capacity = Math.min(packBytes, maxBlobBytes)
  const state = standsOn(history, shared)
  const recovered = await recover(history, state, {
    log,
    staging,
    says,
    warn: request.warn,
    past: () => shared.manifest.past(signal),
    resume: { directory, codec: shared.codec, staging, capacity },
    open: (head) => worktreeOn(head, content, shared),
  }).catch((error: unknown) => {
    const isOut = error instanceof ManifestError && error.code === 'unreachable'
    throw isOut ? unreachable(request.network, error) : error
  })
  const budget = budgetOf(shared, spending, recovered.worktree)
  const parts = await startWriteBack(shared, recovered, log, staging, content, lease, budget)
  const { writeBack, stand, collector, reviver, following, fitsManifest } = parts
  freed.writeBack = writeBack
  const renewer = await lifecycle.start('renewals', async () => {
    const onRenewed = (root: ManifestRoot) => stand.renewed(root)
    const onPaid = (frost: bigint) => spending.renewed(frost)
    const opened = renewerOf({ ...shared, content, onRenewed, onPaid })
    return [opened, () => opened.stop()] as const
  })
  return {
    content,
    worktree: recovered.worktree,
    following,
    writable: {
      writeBack,
      collector,
      reviver,
      renewer,
      budget,
      stateDirectory,
      lease,
      handOver: () => log.handOver(),
      fitsManifest,
      dirtyBytes: () => staging.bytes,
      endEpoch: () => stand.head.root?.endEpoch,
    },
  }
}

/** The largest blob that the network takes; offline, as far as it is remembered. */
async function largestBlob(
  { connection, memory }: SharedParts,
  signal: AbortSignal,
): Promise<number> {
  const { store, switch: door } = connection
  if (door.isOffline) return memory.last?.maxBlobBytes ?? packBytes
  const { maxBlobBytes } = await store.limits(signal)
  memory.largestBlob(maxBlobBytes)
  return maxBlobBytes
}

/** Offline nothing is taken over: what the journal stands on counts, whatever was seen before or since. */
function standsOn(
  history: StateHistory,
  { state, connection }: Pick<SharedParts, 'state' | 'connection'>,
): ManifestState {
  const isKept = connection.switch.isOffline && history.known
  return isKept ? { ...state, ...history.base } : state
}

/** What belongs to whoever has the state directory, with the manifest as it is now: who had it may have moved it last. */
async function locked(
  opened: SharedParts,
  onFree: () => void,
  signal: AbortSignal,
): Promise<{ shared: SharedParts; lease: LeaseKeeper }> {
  const { lifecycle, stateDirectory, request, manifest } = opened
  await lifecycle.start('lock', async () => {
    const lock = await lockState(stateDirectory, request.drive.name, request.warn, signal)
    return [lock, async () => lock.release()] as const
  })
  const lease = await openLease(opened, onFree, signal)
  return { shared: { ...opened, state: await manifest.load(signal) }, lease }
}

async function openJournal(
  { lifecycle, stateDirectory, request, keys }: SharedParts,
  staging: StagingApi,
): Promise<{
  readonly journal: Journal
  readonly found: Iterable<ReplayedRecord>
  readonly end: OpenedJournal['end']
}> {
  return lifecycle.start('journal', async () => {
    const { journal: file, end } = await FileJournal.open(join(stateDirectory, 'journal'), {
      before: () => staging.sync(),
      log: request.log,
    })
    const journal = keys ? new SealedJournal(file, keys.journal) : file
    const found = openedRecords(file.replay(), keys?.journal)
    return [{ journal, found, end }, () => journal.close()] as const
  })
}

function sayHowItEnded(
  { torn, unsynced }: OpenedJournal['end'],
  warn: (text: string) => void,
): void {
  if (torn) {
    warn(
      `the journal ends torn in segment ${torn.segment}: ${torn.bytes} bytes behind byte ${torn.offset} were set aside (.damaged); everything that was fsynced before is there`,
    )
  }
  if (unsynced) {
    warn(
      `the machine went down: ${unsynced} changes of its last seconds, not fsynced, are lost; everything before them is there`,
    )
  }
}

async function startWriteBack(
  shared: SharedParts,
  { worktree, head, pending, changes, moved }: Recovered,
  log: StateLog,
  staging: StagingApi,
  content: Content,
  lease: LeaseKeeper,
  budget: DriveBudget,
): Promise<{
  writeBack: WriteBack
  stand: Stand
  collector: Collector
  reviver: Reviver
  following: Following
  fitsManifest: () => boolean
}> {
  const { lifecycle, request, state, connection, manifest, cache, host } = shared
  const { settings } = request
  const { clock } = settings.pace
  const says = request.log.room('writeback')
  const thread = await lifecycle.start('packing thread', async () => {
    const opened = new PackThread(shared.keys)
    return [opened, () => opened.close()] as const
  })
  const { switch: door } = connection
  const store = budget.counted(connection.store)
  const stand = new Stand(head)
  const parts = { worktree, log, staging, source: content, store, manifest, cache, thread, stand }
  const appender =
    settings.appendDelayMs === undefined
      ? undefined
      : new Appender({ ...parts, clock, says, writer: host })
  const options = {
    packDirectory: join(shared.stateDirectory, 'packs'),
    packBytes,
    epochs: settings.epochs,
    writer: host,
  }
  const committer = new Committer({ ...parts, budget, clock, says }, options)
  const collector = new Collector({ ...parts, clock }, options)
  const reviver = new Reviver(parts, options)
  const { gather, onRebased } = shared
  const rebaser = new Rebaser({ ...parts, clock, says, host, gather, onRebased })
  const schedule = new Schedule(clock, {
    delayMs: settings.writebackDelayMs,
    bytes: settings.writebackBytes,
    smallDelayMs: settings.appendDelayMs,
  })
  if (changes > 0) schedule.changed(0)
  // A base that the manifest has left makes every commit a conflict, as it must: 0 is below any moved sequence.
  const isLeft = moved || (door.isOffline && !sameHead(headOf(state), head))
  const sequence = isLeft ? 0n : state.sequence
  const gate = {
    check: () => {
      if (door.isOffline) throw new ManifestError('unreachable', 'the drive is offline')
      lease.check()
    },
  }
  const writeBack = new WriteBack(
    {
      worktree,
      committer,
      appender,
      rebaser,
      schedule,
      stand,
      lease: gate,
      budget,
      clock,
      log: says,
    },
    sequence,
    pending,
  )
  worktree.onChange = (change) => {
    log.change(change)
    writeBack.changed(change)
  }
  if (moved) writeBack.moved(state)
  await lifecycle.start('write-back', async () => {
    writeBack.start()
    return [writeBack, () => writeBack.stop()] as const
  })
  const following = await followManifest(shared, (now) => {
    lease.saw(now.lease)
    writeBack.moved(now)
  })
  const fitsManifest = () => appender?.fits() ?? false
  return { writeBack, stand, collector, reviver, following, fitsManifest }
}
