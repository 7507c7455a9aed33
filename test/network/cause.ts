import type { Machine } from './machine.ts'
import type { World } from './world.ts'

/** What becomes of something while a cause lasts. `either`: that depends on who holds what. */
export type Prospect = 'right' | 'fails' | 'either'

/** What acts need of the network. */
export const needs = ['reads', 'degraded', 'writes', 'chain', 'saves'] as const
export type Need = (typeof needs)[number]

/** Something that is wrong with the network for a while. What it does not name is right. */
export interface Cause extends Partial<Record<Need, Prospect>> {
  readonly name: string
  /** It means nothing to acts that need none of these. @default it concerns all */
  readonly onlyFor?: readonly Need[]
  begin(world: World, here: Machine): Promise<void>
  /** Whether it came up; asked before it ends. @default it did */
  struck?(world: World): boolean
  /** @default all is mended */
  end?(world: World): Promise<void>
}

/** What becomes of an act that needs all of these. */
export function prospectOf(cause: Cause, wanted: readonly Need[]): Prospect {
  const prospects = wanted.map((need) => cause[need] ?? 'right')
  if (prospects.includes('fails')) return 'fails'
  return prospects.includes('either') ? 'either' : 'right'
}
