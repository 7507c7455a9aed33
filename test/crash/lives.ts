import { actsOf, type Act } from './acts.ts'
import { live, type LifeStory } from './life.ts'
import { strikes, type StrikeKind } from './strike.ts'

/** What came of all lives with one kind of strike. */
export interface Tally {
  readonly kind: StrikeKind
  lives: number
  /** Of them: something did go wrong, not only at the end. */
  struck: number
  /** Blob objects paid for in vain. */
  orphans: number
  /** Of each life in which something was lost: how to live it again, and what was lost. */
  readonly lost: string[]
}

export interface Lives {
  readonly seed: number
  readonly acts: number
  /** Every so many-th event goes wrong, and the very end. */
  readonly every: number
  /** On a sealed drive. */
  readonly sealed: boolean
}

/** Lives through the acts of a seed, again and again, with each kind of strike at one event after the other. */
export async function tallyOf({ seed, acts, every, sealed }: Lives): Promise<Tally[]> {
  const given = actsOf(seed, acts)
  const calm = await liveAlone(given, 'kill', Infinity, seed, sealed)
  if (calm.wrong !== undefined) throw new Error(`seed ${seed}, without any strike: ${calm.wrong}`)
  const tallies: Tally[] = []
  for (const [index, kind] of strikes.entries()) {
    const tally = { kind, lives: 0, struck: 0, orphans: 0, lost: [] as string[] }
    const points = pointsOf(calm.events, every, index + seed)
    for (const at of points) {
      const story = await liveAlone(given, kind, at, seed, sealed)
      tally.lives++
      if (story.struck) tally.struck++
      tally.orphans += story.orphans
      if (story.wrong !== undefined) {
        tally.lost.push(
          `seed ${seed}, ${acts} acts${sealed ? ', sealed' : ''}, ${kind} at event ${at}: ${story.wrong}`,
        )
      }
    }
    tallies.push(tally)
  }
  return tallies
}

/** Kinds of strikes do not all strike at the same events. */
function pointsOf(events: number, every: number, shift: number): number[] {
  const points = Array.from({ length: events }, (_, at) => at)
  return [...points.filter((at) => at % every === shift % every), Infinity]
}

async function liveAlone(
  acts: readonly Act[],
  kind: StrikeKind,
  at: number,
  seed: number,
  sealed: boolean,
): Promise<LifeStory> {
  const undo: (() => unknown)[] = []
  try {
    const torn = seed * 1000 + (at === Infinity ? 0 : at)
    return await live({ acts, kind, at, seed: torn, sealed }, { teardown: (end) => undo.push(end) })
  } catch (error) {
    const wrong = `it does not start again: ${String((error as Error).stack)}`
    return { struck: true, events: 0, orphans: 0, wrong }
  } finally {
    for (const end of undo.reverse()) await Promise.resolve(end()).catch(() => {})
  }
}
