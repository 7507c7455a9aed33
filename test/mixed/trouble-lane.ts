import { setTimeout as wait } from 'node:timers/promises'
import type { Calm } from './calm.ts'
import type { Excuses } from './excuses.ts'
import type { Breakable, Trouble } from './trouble.ts'

/** One trouble after the other, with a pause between them. */
export interface Lane {
  readonly next: () => Trouble
  readonly pauseMs: () => number
  /** Whether only what is too much needs leave to be. */
  readonly isBorne: boolean
}

/** What troubles share. */
export interface Scene {
  readonly what: Breakable
  readonly calm: Calm
  readonly excuses: Excuses
  /** How often each kind was there. */
  readonly counts: Map<string, number>
  /** Aborted when it is over; what is wrong then is mended. */
  readonly over: AbortSignal
  readonly say: (text: string) => void
}

/** Afterwards, requests that began before may still be on their way. */
const graceMs = 5000

/** Makes trouble till it is over. */
export async function runLane(lane: Lane, scene: Scene): Promise<void> {
  const { calm, counts, over } = scene
  while (!over.aborted) {
    await pause(lane.pauseMs(), over)
    const trouble = lane.next()
    const needsLeave = trouble.isTooMuch || !lane.isBorne
    const leave = needsLeave ? await calm.disturb() : undefined
    if (!over.aborted) {
      await endure(trouble, scene)
      for (const kind of trouble.kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    leave?.()
  }
}

async function endure(trouble: Trouble, { what, excuses, over, say }: Scene): Promise<void> {
  const name = trouble.kinds.join(', ')
  const kind = trouble.isTooMuch ? 'storm' : trouble.excuses
  const excused = kind && excuses.begin(kind, graceMs)
  const ms = Math.round(trouble.lengthMs)
  say(`${name}${ms > 0 ? `, for ${ms} ms` : ''}`)
  try {
    await trouble.begin(what)
    await pause(trouble.lengthMs, over)
  } finally {
    await trouble.end(what)
    excused?.()
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {})
}
