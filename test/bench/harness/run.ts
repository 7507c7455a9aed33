import { Machine } from '../../e2e/machine.ts'
import type { Bench } from './bench.ts'
import type { Row } from './comparison.ts'
import { Ends } from './ends.ts'
import { Ground } from './ground.ts'

/**
 * Runs benches one after the other, each on ground of its own, and tells of each when it is done. One that fails does not keep
 * the others from running. An interruption undoes everything and ends the process.
 */
export async function runBenches(
  benches: readonly Bench[],
  rounds: number,
  says: (bench: Bench, rows: readonly Row[]) => void,
): Promise<Row[]> {
  const ends = new Ends()
  let ofBench = new Ends()
  let isInterrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true
      void ofBench
        .run()
        .then(() => ends.run())
        .finally(() => process.exit(1))
    })
  }
  let devnet: Promise<Machine> | undefined
  const startedOnce = (): Promise<Machine> => (devnet ??= Machine.withDevnet(ends))
  const all: Row[] = []
  try {
    for (const bench of benches) {
      if (isInterrupted) break
      ofBench = new Ends()
      const rows = await runOne(bench, new Ground(ofBench, rounds, startedOnce))
      all.push(...rows)
      if (!isInterrupted) says(bench, rows)
    }
  } finally {
    await ends.run()
  }
  if (isInterrupted) process.exit(1)
  return all
}

async function runOne(bench: Bench, ground: Ground): Promise<readonly Row[]> {
  try {
    return await bench.run(ground)
  } catch (error) {
    return [{ measure: bench.name, error: (error as Error).stack ?? String(error) }]
  } finally {
    await ground.ends.run()
  }
}
