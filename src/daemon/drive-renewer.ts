import { join } from 'node:path'
import type { DriveKeys } from '../crypto/drive-keys.ts'
import type { Manifest, ManifestRoot } from '../manifest/manifest.ts'
import { PackLedger } from '../renewal/ledger.ts'
import type { RenewerParts } from '../renewal/renewer-api.ts'
import { Renewer } from '../renewal/renewer.ts'
import { Spending } from '../renewal/spending.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { Connection } from './connection.ts'
import { needsOf, presentTree } from './gc-survey.ts'
import { keepPolicy } from './keep-policy.ts'
import type { DriveRequest } from './open-drive.ts'
import { readRoot } from './shared-parts.ts'

/** What looking after a drive's storage takes. */
export interface RenewerSource {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly content: NodeSource
  /** Undefined for a drive that is not sealed. */
  readonly keys: DriveKeys | undefined
  /** Keeps what was spent. Undefined: forgotten with the process. */
  readonly stateDirectory?: string
  readonly onRenewed?: (root: ManifestRoot) => void
  /** FROST that an extension cost. */
  readonly onPaid?: (frost: bigint) => void
}

/** Looks after the storage of a drive, as its settings say. Does nothing by itself until it is started. */
export function renewerOf(source: RenewerSource): Renewer {
  const { request, connection, manifest, content, stateDirectory } = source
  const { store } = connection
  const {
    autoRenew: auto,
    renewMargin: marginEpochs,
    epochs,
    budget,
    renewCheckMs,
    keep,
  } = request.settings
  const needed: RenewerParts['needed'] = async ({ state, packs }, signal) => {
    const root = state.root && (await readRoot(state.root, content))
    if (!root || keep === undefined) return () => true
    const policy = { keep: keepPolicy(keep), snapshots: [] }
    // Who reads records needs the tree under them, too.
    const over = await presentTree(root, state.inline, content)
    const whole = { ...source, content: over.nodes }
    return (await needsOf(whole, root, { packs }, policy, [], signal, [over.root])).needed
  }
  return new Renewer(
    {
      store,
      manifest,
      ledger: new PackLedger(store, content),
      readRoot: (root) => readRoot(root, content),
      spending: new Spending(stateDirectory && join(stateDirectory, 'renewal.json')),
      clock: request.settings.pace.clock,
      log: request.log.room('renewal'),
      onRenewed: source.onRenewed ?? (() => {}),
      ...(source.onPaid && { onPaid: source.onPaid }),
      ...(keep === undefined ? {} : { needed }),
    },
    { auto, marginEpochs, epochs, budget, checkMs: renewCheckMs },
  )
}
