import { Machine } from '../../e2e/machine.ts'
import type { Bench } from './bench.ts'
import type { Row } from './comparison.ts'
import { Ends } from './ends.ts'
import { Ground } from './ground.ts'

/** Runs benches one after the other, each on ground of its own, and tells of each when it is done. */
export async function runBenches(
  benches: readonly Bench[],
  rounds: number,
  says: (bench: Bench, rows: readonly Row[]) => void,
): Promise<Row[]> {
  const ends = new Ends()
  let devnet: Promise<Machine> | undefined
  const startedOnce = (): Promise<Machine> => (devnet ??= Machine.withDevnet(ends))
  const all: Row[] = []
  try {
    for (const bench of benches) {
      const rows = await runOne(bench, rounds, startedOnce)
      all.push(...rows)
      says(bench, rows)
    }
  } finally {
    await ends.run()
  }
  return all
}

async function runOne(
  bench: Bench,
  rounds: number,
  devnet: () => Promise<Machine>,
): Promise<readonly Row[]> {
  const ends = new Ends()
  try {
    return await bench.run(new Ground(ends, rounds, devnet))
  } finally {
    await ends.run()
  }
}
