import { setImmediate } from 'node:timers/promises'

/** One side of a comparison: gives the figure of a round. */
export type Side = (round: number) => number | Promise<number>

/**
 * Measures all sides in each round, so that what disturbs the machine meanwhile disturbs all alike. Every other round goes
 * the other way round: none of them always follows the same one.
 */
export async function inTurn<Sides extends Readonly<Record<string, Side>>>(
  rounds: number,
  sides: Sides,
): Promise<{ [Name in keyof Sides]: number[] }> {
  const entries = Object.entries(sides)
  const found = new Map(entries.map(([name]) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, side] of round % 2 ? entries.toReversed() : entries) {
      found.get(name)!.push(await side(round))
      // Most sides block: here an interruption is heard.
      await setImmediate()
    }
  }
  return Object.fromEntries(found) as { [Name in keyof Sides]: number[] }
}

/** Seconds that something takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1e3
}
