import type { Cost } from './growth.ts'
import { processorSeconds, residentMegabytes } from './process-cost.ts'

/** Gathers what one size costs. */
export class CostMeter implements Cost {
  readonly size: number
  readonly seconds: Record<string, number> = {}
  readonly megabytes: Record<string, number> = {}

  constructor(size: number) {
    this.size = size
  }

  /** Does a step and counts the processor seconds that the processes spend on it. */
  async step(name: string, pids: readonly number[], work: () => unknown): Promise<void> {
    const before = sum(pids)
    await work()
    this.seconds[name] = sum(pids) - before
  }

  /** Notes how much memory a process has now. */
  memory(name: string, pid: number): void {
    this.megabytes[name] = residentMegabytes(pid).now
  }

  /** Notes how much it had at most. */
  peak(name: string, pid: number): void {
    this.megabytes[name] = residentMegabytes(pid).peak
  }
}

function sum(pids: readonly number[]): number {
  return pids.reduce((seconds, pid) => seconds + processorSeconds(pid), 0)
}
