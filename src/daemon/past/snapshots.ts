import { frozenSnapshots } from '../../manifest/account-drives.ts'
import { ManifestAdmin } from '../../manifest/manifest-admin.ts'
import { isGone } from '../../renewal/kept-snapshots.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { Trouble } from '../../terms/trouble.ts'
import { pastStates, type PastState } from '../../tree/history/past-states.ts'
import type { Drive } from '../open-drive.ts'
import { chainTrouble } from '../renewal-report.ts'
import { treeHeadOf } from './stand-in-past.ts'
import { stateOfObject } from './state-of-object.ts'

/** A state that was frozen on chain. Fields are added, never renamed. */
export interface SnapshotRow {
  /** Mount it by this. */
  readonly id: ObjectId
  readonly sequence: number
  /** Of the last change in it; undefined for an empty drive, and where that is gone. */
  readonly timeMs: number | undefined
  readonly usedBytes: number | undefined
  readonly usedInodes: number | undefined
}

/** Freezes what a drive is on chain, for good; anybody may mount it then. Throws Trouble `no-key`, `no-gas`, …. */
export async function takeSnapshot(drive: Drive, signal: AbortSignal): Promise<SnapshotRow> {
  const { connection, manifest, state, request } = drive
  const { account } = connection
  const { name } = request.drive
  if (state.frozenFrom) {
    throw new Trouble('exists', `${name} is a snapshot already: it never changes`)
  }
  if (!account.queue) {
    const whose =
      request.drive.key === undefined
        ? 'no key is known for it'
        : `the key ${request.drive.key} is not here`
    throw new Trouble(
      'no-key',
      `a snapshot of ${name} is a transaction, and ${whose}; nothing was done`,
    )
  }
  try {
    const id = await new ManifestAdmin(account, manifest.id).snapshot(signal)
    return await rowOf(drive, id, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

/** The snapshots of a drive, oldest first; undefined where the full node does not tell of them. Throws Trouble. */
export async function listSnapshots(
  drive: Drive,
  signal: AbortSignal,
): Promise<SnapshotRow[] | undefined> {
  const { connection, state } = drive
  try {
    const manifest = state.frozenFrom ?? state.id
    const ids = await frozenSnapshots(connection.account, manifest, signal)
    if (!ids) return undefined
    const rows: SnapshotRow[] = []
    for (const id of ids) rows.push(await rowOf(drive, id, signal))
    return rows.sort((a, b) => a.sequence - b.sequence)
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

async function rowOf(drive: Drive, id: ObjectId, signal: AbortSignal): Promise<SnapshotRow> {
  const { content } = drive
  const state = await stateOfObject(drive, drive.state.frozenFrom ?? drive.state.id, id, signal)
  const last = await lastState(() => treeHeadOf(state, content), content)
  const { timeMs, usedBytes, usedInodes } = last ?? {}
  return { id, sequence: Number(state.sequence), timeMs, usedBytes, usedInodes }
}

async function lastState(
  head: () => ReturnType<typeof treeHeadOf>,
  source: Drive['content'],
): Promise<PastState | undefined> {
  try {
    for await (const state of pastStates(source, await head())) return state
  } catch (error) {
    if (!isGone(error)) throw error
  }
  return undefined
}
