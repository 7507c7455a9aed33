import { nodeDoors } from './nodes/route.ts'

/** What somebody asks for, by which the end of an epoch is timed: a family of a storage node's API, or a call of the full node. */
export const moments = [...nodeDoors, 'simulation', 'execution'] as const
export type Moment = (typeof moments)[number]

/** When an epoch is to end by itself. */
export interface EpochAlarmSetting {
  /** Just before this is done for somebody. */
  readonly at: Moment
  /** So many are let through first. @default 0 */
  readonly skip?: number
  /** The nodes go on with each other's shards. @default false */
  readonly moving?: boolean
}

/** Ends an epoch in the middle of something. */
export class EpochAlarm {
  readonly #ring: (moving: boolean) => Promise<unknown>
  #setting: EpochAlarmSetting | undefined
  #skipped = 0

  /** `ring` ends the epoch, and does not reject. */
  constructor(ring: (moving: boolean) => Promise<unknown>) {
    this.#ring = ring
  }

  /** One at a time; undefined takes it back. */
  set(setting: EpochAlarmSetting | undefined): void {
    this.#setting = setting
    this.#skipped = 0
  }

  /** Somebody asks for this: resolves when it may be done. */
  async heard(moment: Moment): Promise<void> {
    const setting = this.#setting
    if (setting?.at !== moment || this.#skipped++ < (setting.skip ?? 0)) return
    this.#setting = undefined
    const rung = this.#ring(setting.moving ?? false)
    // Nodes whose shards move end what they were asked for: they cannot wait for themselves.
    const isOfNode = moment !== 'simulation' && moment !== 'execution'
    if (!setting.moving || !isOfNode) await rung
  }
}
