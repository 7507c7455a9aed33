import { durationText, timeText } from './quantity.ts'

/** A full node is behind the chain, by what it tells of its newest checkpoint. */
export interface Lag {
  /** When that was made; ms since 1970. */
  readonly latestMs: number
  /** So much later it is here, ms. */
  readonly behindMs: number
  /** No newer one comes: it shows the past. Else it may be this machine's clock that is ahead. */
  readonly stands: boolean
}

/** Sui makes several checkpoints a second; full nodes have them within seconds, and clocks of machines differ by as much. */
const alarmMs = 60_000

/**
 * Judges how far a full node is by the times of its newest checkpoints, whatever this machine's clock says: what stands
 * still is seen by the time that passes here. Of several nodes behind one address the one that is farthest counts.
 */
export class FullNodeLag {
  #latestMs: number | undefined
  /** When that was seen first, and when the node was looked at last; by this machine's clock. */
  #sinceMs = 0
  #lookedMs = 0

  /** The node says at `nowMs` that its newest checkpoint is of `latestMs`. */
  shown(latestMs: number, nowMs: number): void {
    this.#lookedMs = nowMs
    if (this.#latestMs !== undefined && latestMs <= this.#latestMs) return
    this.#latestMs = latestMs
    this.#sinceMs = nowMs
  }

  /** How old the newest checkpoint was at the last look, by this machine's clock, ms; undefined before the first one. */
  get ageMs(): number | undefined {
    return this.#latestMs === undefined ? undefined : Math.max(this.#lookedMs - this.#latestMs, 0)
  }

  /** Undefined when all is well, and before the first look. */
  get lag(): Lag | undefined {
    const { ageMs } = this
    if (this.#latestMs === undefined || ageMs === undefined) return undefined
    const standsMs = this.#lookedMs - this.#sinceMs
    const behindMs = Math.max(ageMs, standsMs)
    if (behindMs < alarmMs) return undefined
    return { latestMs: this.#latestMs, behindMs, stands: standsMs >= alarmMs }
  }
}

/** What a person is told; `network` is its name in the configuration. */
export function lagText({ latestMs, behindMs, stands }: Lag, network: string): string {
  const mend = `wait until it has caught up, or use another full node (networks.${network}.suiUrl)`
  const latest = `its latest checkpoint is from ${timeText(latestMs)}`
  const late = durationText(behindMs)
  return stands
    ? `the full node shows the past: ${latest}, and none has come for ${late} (it has lost touch with the chain, or that stands still); what others commit since does not show here, changes of this machine may have to wait: ${mend}`
    : `the full node shows the past, or this machine's clock is ahead: ${latest}, ${late} before the time here; what others commit may show late: ${mend}, or set the clock`
}
