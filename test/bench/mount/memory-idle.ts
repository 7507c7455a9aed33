import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../harness/bench.ts'
import { withLimit } from '../harness/comparison.ts'

const idleMs = 3000

export const memoryIdle: Bench = {
  name: 'memory-idle',
  about: 'what a daemon that has nothing to do takes',
  run: async (ground) => {
    const ours: number[] = []
    for (let round = 0; round < ground.rounds; round++) {
      const { machine, path } = await ground.drive()
      await sleep(idleMs)
      ours.push(residentBytes(await machine.pidOf(path)) / 1e6)
      await machine.ok('umount', path)
    }
    const measure = 'resident memory of an idle daemon'
    return [withLimit({ measure, better: 'lower', unit: 'MB', ours }, 150)]
  },
}

/** VmRSS of proc(5). */
function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}
