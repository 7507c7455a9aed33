import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkCache, type CheckedCache } from '../cache/check-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { JournalFormatError, SealedJournalError } from '../journal/journal.ts'
import { FileLock } from '../runtime/file-lock.ts'
import type { Log } from '../runtime/log.ts'
import { FsError } from '../terms/errno.ts'
import {
  inspectState,
  mendState,
  type InspectedState,
  type StateKeys,
} from '../writeback/inspect-state.ts'
import { StateRecordError } from '../writeback/state-log.ts'
import type { FsckFindings } from './fsck-report.ts'
import { bytesText } from './quantity.ts'

/** Looks at the disk cache; with `repair`, throws away the files in which something is damaged. */
export async function fsckCache(
  directory: string,
  codec: PieceCodec,
  repair: boolean,
  findings: FsckFindings,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): Promise<CheckedCache> {
  const found = await checkCache(directory, codec, {
    remove: repair,
    onRead: async (bytes) => {
      signal.throwIfAborted()
      onRead(bytes)
    },
  })
  for (const { name, damaged, pieces, removed } of found.damaged) {
    findings.tell('cache', `${name}: ${damaged} of ${pieces} pieces are damaged`, true, removed)
    if (removed) findings.repaired.push(`${name} was thrown away: it held copies only`)
  }
  return found
}

/** What was found of a state directory, or who uses it. */
export interface FsckState {
  readonly state?: InspectedState
  readonly heldBy?: number
}

/** Looks at journal and staging, under the state directory's lock; with `repair`, mends what a mount would mend. */
export async function fsckState(
  directory: string,
  keys: StateKeys | undefined,
  repair: boolean,
  findings: FsckFindings,
  log: Log,
): Promise<FsckState> {
  if (!existsSync(directory)) return {}
  const lock = FileLock.take(join(directory, 'lock'))
  if (!(lock instanceof FileLock)) return { heldBy: Number(lock.heldBy) }
  try {
    const state = inspectState(directory, keys)
    tellState(state, repair, findings)
    if (repair) await repairState(directory, state, keys, findings, log)
    return { state }
  } catch (error) {
    if (error instanceof SealedJournalError) {
      findings.tell('state', `${error.message}: what it holds was not looked at`, false)
      return {}
    }
    const isTold =
      error instanceof JournalFormatError ||
      error instanceof StateRecordError ||
      error instanceof FsError
    if (!isTold) throw error
    findings.tell('state', `the journal cannot be read: ${error.message}`)
    return {}
  } finally {
    lock.release()
  }
}

function tellState(
  { journal, missingBytes, strayStaging, strayPacks, missingPacks }: InspectedState,
  repair: boolean,
  findings: FsckFindings,
): void {
  const { torn, unsynced, records } = journal
  if (torn) {
    const place = `segment ${torn.segment} of the journal ends torn at byte ${torn.offset}`
    const text = torn.damage
      ? `${place}: it was whole once, and changes behind it may be lost`
      : `${place}, as a crash leaves it: nothing that was promised is lost`
    // What it promised is not there again by being set aside.
    findings.tell('state', text, torn.damage, repair && !torn.damage)
  }
  if (unsynced > 0)
    findings.tell(
      'state',
      `the machine restarted: ${unsynced} changes that were not fsynced will not be taken`,
      false,
    )
  if (missingBytes > 0)
    findings.tell('state', `staging lacks ${missingBytes} bytes that the journal names`)
  if (missingPacks > 0)
    findings.tell(
      'state',
      `${missingPacks} packs of a commit under way are not there and will be made anew`,
      false,
    )
  const canRemove = repair && records > 0 && torn?.damage !== true
  for (const { name, bytes } of [...strayStaging, ...strayPacks])
    findings.tell(
      'state',
      `${name} (${bytesText(bytes)}) is left over: nothing names it`,
      true,
      canRemove,
    )
}

async function repairState(
  directory: string,
  state: InspectedState,
  keys: StateKeys | undefined,
  findings: FsckFindings,
  log: Log,
): Promise<void> {
  const { setAside, removed, left } = await mendState(directory, state, log, keys)
  if (state.journal.torn) findings.repaired.push('the journal ends where it ends to count now')
  for (const path of setAside) findings.repaired.push(`what was cut off is kept in ${path}`)
  for (const { name } of removed) findings.repaired.push(`${name} was deleted: nothing names it`)
  for (const { name } of left)
    findings.tell(
      'state',
      `${name} stays: the journal is damaged or gone, and what it no longer names may be all there is of it`,
      false,
    )
}
