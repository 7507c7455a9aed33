import { isDefinite } from '../store/chain/chain-error.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { parseCommitted, parseManifest } from './layouts.ts'
import type { ManifestRoot, ManifestState } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'

/** A root that the manifest had. */
export interface PastRoot {
  readonly sequence: bigint
  readonly root: ManifestRoot
  readonly timeMs: number
  readonly digest: string
}

interface Step {
  /** The object's version before the transaction; undefined when the transaction made it. */
  readonly before: bigint | undefined
  readonly commits: readonly PastRoot[]
}

const include = { effects: true, events: true } as const

/**
 * Walks from the object's present version backwards, from transaction to transaction: needs no index, only that the
 * full node still has the old versions. What it no longer has ends the walk.
 */
export async function pastRoots(
  account: SuiAccount,
  id: ObjectId,
  limit: number,
  signal: AbortSignal,
): Promise<readonly PastRoot[]> {
  signal.throwIfAborted()
  const found: PastRoot[] = []
  let version: bigint | undefined
  try {
    do {
      const digest = await previousTransaction(account, id, version, signal)
      const { before, commits } = await stepOf(account, id, digest, signal)
      found.push(...commits)
      // A node that does not keep old versions may answer with the newest: the walk would never end.
      if (before !== undefined && version !== undefined && before >= version) break
      version = before
    } while (found.length < limit && version !== undefined)
  } catch (error) {
    signal.throwIfAborted()
    if (version === undefined || !isDefinite(error)) throw manifestFailure(error)
  }
  return found.slice(0, limit)
}

/** The states before the present one, newest first, by the same way. */
export async function* pastStates(
  account: SuiAccount,
  id: ObjectId,
  signal: AbortSignal,
): AsyncGenerator<ManifestState, void, void> {
  let version: bigint | undefined
  try {
    for (;;) {
      const digest = await previousTransaction(account, id, version, signal)
      const { before } = await stepOf(account, id, digest, signal)
      // A node that does not keep old versions may answer with the newest.
      if (before === undefined || (version !== undefined && before >= version)) return
      version = before
      const state = await stateAt(account, id, version, signal)
      if (!state) return
      yield state
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!isDefinite(error)) throw manifestFailure(error)
  }
}

async function stateAt(
  account: SuiAccount,
  id: ObjectId,
  version: bigint,
  signal: AbortSignal,
): Promise<ManifestState | undefined> {
  const readMask = { paths: ['version', 'contents', 'previous_transaction'] }
  const query = { objectId: id, version, readMask }
  const { response } = await account.client.ledgerService.getObject(query, { abort: signal })
  const { object } = response
  if (object?.version !== version || !object.contents?.value) return undefined
  return parseManifest(object.contents.value, object.previousTransaction ?? '')
}

async function previousTransaction(
  account: SuiAccount,
  id: ObjectId,
  version: bigint | undefined,
  signal: AbortSignal,
): Promise<string> {
  const readMask = { paths: ['previous_transaction'] }
  const query = { objectId: id, readMask, ...(version !== undefined && { version }) }
  const { response } = await account.client.ledgerService.getObject(query, { abort: signal })
  return response.object?.previousTransaction ?? ''
}

async function stepOf(
  account: SuiAccount,
  id: ObjectId,
  digest: string,
  signal: AbortSignal,
): Promise<Step> {
  const result = await account.client.core.getTransaction({ digest, include, signal })
  const { effects, events, timestampMs } = result.Transaction ?? result.FailedTransaction
  const commits = events
    .filter(({ eventType }) => eventType.endsWith('::manifest::Committed'))
    .map(({ bcs }) => parseCommitted(bcs))
    .filter(({ manifest }) => manifest === id)
    .map(({ sequence, root }) => ({ sequence, root, timeMs: timestampMs ?? 0, digest }))
  const change = effects.changedObjects.find(({ objectId }) => objectId === id)
  const before = change?.inputState === 'Exists' ? change.inputVersion : null
  return {
    before: before === null ? undefined : BigInt(before),
    commits: commits.toReversed(),
  }
}
