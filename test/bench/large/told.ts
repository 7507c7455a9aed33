import { processorSeconds, residentMegabytes } from '../growth/process-cost.ts'
import { seconds } from '../harness/in-turn.ts'

/** Does something and prints how long it took, the daemon's processor time for it, and the most memory that it had so far. */
export async function told(what: string, pid: number, work: () => unknown): Promise<number> {
  const before = processorSeconds(pid)
  const took = await seconds(work)
  const spent = processorSeconds(pid) - before
  const { peak } = residentMegabytes(pid)
  say(
    `${what}: ${took.toFixed(1)} s, ${spent.toFixed(1)} s of the daemon's processor time, ${peak.toFixed(0)} MB at most`,
  )
  return took
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
