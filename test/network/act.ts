import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from './machine.ts'
import type { Cause, Need, Prospect } from './cause.ts'
import type { World } from './world.ts'

/** What came of an act while the cause lasted. */
export type Outcome =
  | { readonly kind: 'right' }
  /** It was refused; the reason is told. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It goes on by itself; the reason is in `status`. */
  | { readonly kind: 'waits'; readonly why: string }
  /** Right, and the cause did not come up. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'wrong'; readonly why: string }

/** What an act works with: the machine that writes, and another one that was there before the cause began. */
export interface Stage {
  readonly world: World
  readonly cause: Cause
  readonly here: Machine
  readonly there: Machine
  /** Another machine that comes now. */
  readonly newcomer: () => Promise<Machine>
  readonly prospect: Prospect
  /** Of this state alone; bytes that are written differ by it. */
  readonly seed: number
}

/** Something that a drive does. */
export interface Act {
  readonly name: string
  readonly needs: readonly Need[]
  /** By a machine that puts small changes into the manifest. @default all changes go into packs */
  readonly savesSmall?: boolean
  /** Before the cause begins. */
  before?(stage: Stage): Promise<void>
  /** While the cause lasts. */
  during(stage: Stage): Promise<Outcome>
  /** What is still to be done once it has ended, before all is looked at; throws what is wrong. */
  after?(stage: Stage): Promise<void>
}

/** Longer than anything here may take on a machine that is busy. */
export const limitMs = 20_000

/** Waits until it holds; false when it never does. */
export async function holds(check: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(10)) {
    if (await check()) return true
  }
  return false
}

/** What a refusal tells, with what `status` shows of it. */
export function refusal(error: unknown): Outcome {
  const why = error instanceof Error ? whyOf(error) : ''
  return why ? { kind: 'refused', why } : { kind: 'wrong', why: `refused with ${String(error)}` }
}

function whyOf(error: Error): string {
  const { code } = error as { code?: unknown }
  return `${typeof code === 'string' ? `${code} ` : ''}${error.message}`
}
