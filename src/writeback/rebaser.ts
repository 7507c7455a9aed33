import type { Manifest, ManifestState } from '../manifest/manifest.ts'
import type { ManifestHead } from '../manifest/manifest-head.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { decodeRecord } from '../tree/format/record-format.ts'
import { readRootRecord } from '../tree/history/root-records.ts'
import type { RebaseResult, WorktreeApi } from '../tree/worktree-api.ts'
import { rootPiece } from './root-piece.ts'
import type { Stand } from './stand.ts'
import type { StateLog } from './state-log.ts'

/** What a rebase works with. */
export interface RebaserParts {
  readonly worktree: WorktreeApi
  readonly log: StateLog
  readonly manifest: Manifest
  readonly source: NodeSource
  readonly stand: Stand
  readonly clock: Clock
  readonly says: Log
  readonly host: string
  /** Asks for what was written and has not arrived here yet, so that it counts as changed by us; does not reject. */
  readonly gather: () => Promise<void>
  /** The kernel's caches hold what is out of date now. */
  readonly onRebased: (result: RebaseResult) => void
}

/** Takes over what another writer committed: their tree below, our changes above it. */
export class Rebaser {
  readonly #parts: RebaserParts

  constructor(parts: RebaserParts) {
    this.#parts = parts
  }

  /** The manifest as it is now. */
  async load(signal: AbortSignal): Promise<ManifestState> {
    return this.#parts.manifest.load(signal)
  }

  /** Nothing may be frozen. */
  async rebase(head: ManifestHead): Promise<void> {
    const { worktree, log, source, clock, says, host, gather, onRebased } = this.#parts
    const { root, inline } = head
    const theirs = root && (await readRootRecord(source, rootPiece(root)))
    const time = new Date(clock.now()).toISOString().replace(/:/g, '-').slice(0, 19)
    await gather()
    const segment = log.segment
    const result = await worktree.rebase(theirs, { host, time }, () => this.#restate(head), inline)
    onRebased(result)
    await log.sync()
    await log.dropBefore(segment + 1)
    says.info('another writer’s commit was taken over', {
      writer: (inline.length > 0 ? decodeRecord(inline.at(-1)!) : theirs)?.writer,
      root: theirs?.sequence,
      records: inline.length,
      conflicts: result.conflicts.length,
    })
    for (const path of result.conflicts)
      says.warn('both sides changed a file; ours was kept beside theirs', { path })
  }

  /** In one turn: the journal says the same as before, relative to what is below now. */
  #restate(head: ManifestHead): void {
    const { worktree, log, stand } = this.#parts
    const segment = log.rotate()
    log.commit({ step: 'rebasing', segment, ...head })
    for (const change of worktree.restate()) log.change(change)
    log.commit({ step: 'rebased', segment })
    stand.head = head
  }
}
