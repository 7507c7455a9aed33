import { nodeDoors } from './nodes/route.ts'

/** What somebody asks for, by which something is timed: a family of a storage node's API, or a call of the full node. */
export const moments = [...nodeDoors, 'simulation', 'execution'] as const
export type Moment = (typeof moments)[number]

/** When something is to happen. */
export interface AlarmTime {
  /** Just before this is done for somebody. */
  readonly at: Moment
  /** So many are let through first. @default 0 */
  readonly skip?: number
}

/** Does something in the middle of what the network is asked for, once. */
export class Alarm {
  #time: AlarmTime | undefined
  #ring: () => Promise<void> = async () => {}
  #skipped = 0

  /** One at a time. What is asked for waits until `ring` resolves. */
  set(time: AlarmTime, ring: () => Promise<void>): void {
    this.#time = time
    this.#ring = ring
    this.#skipped = 0
  }

  clear(): void {
    this.#time = undefined
  }

  /** Somebody asks for this: resolves when it may be done. */
  async heard(moment: Moment): Promise<void> {
    const time = this.#time
    if (time?.at !== moment || this.#skipped++ < (time.skip ?? 0)) return
    this.#time = undefined
    await this.#ring()
  }
}
