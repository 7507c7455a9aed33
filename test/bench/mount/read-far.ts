import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import type { Machine } from '../../e2e/machine.ts'
import type { Bench } from '../harness/bench.ts'
import type { Row } from '../harness/comparison.ts'
import type { Ground, Mounted } from '../harness/ground.ts'
import { inTurn } from '../harness/in-turn.ts'

const fileBytes = 128 << 20
/** Milliseconds before each answer of each node. */
const delays = [10, 50, 200]

/** How much of the rate is left when all storage nodes are far away. */
export const readFar: Bench = {
  name: 'read-far',
  about: 'a file on nodes that answer late, against near ones',
  run: async (ground) => {
    const drive = await ground.drive()
    writeWhole(join(drive.path, 'large'), fileBytes)
    await drive.machine.ok('sync', drive.path)
    const rows: Row[] = []
    try {
      for (const ms of delays) {
        const sides = await inTurn(ground.rounds, {
          ours: () => rateAt(ground, drive, ms),
          theirs: () => rateAt(ground, drive, 0),
        })
        const measure = `read 128 MiB from an empty cache, ${ms} ms away`
        const row = { measure, better: 'higher', unit: 'MB/s', ...sides } as const
        rows.push({ ...row, against: 'the same at no distance', goal: 0.5 })
      }
    } finally {
      await drive.machine.ok('devnet', 'fault', 'clear')
    }
    return rows
  },
}

async function rateAt(ground: Ground, { machine }: Mounted, ms: number): Promise<number> {
  await setDistance(machine, ms)
  const other = ground.other(machine)
  const there = await other.mount('demo', '--read-only')
  const rate = perSecond(readWhole(join(there, 'large'))) / 1e6
  await other.ok('umount', there)
  return rate
}

async function setDistance(machine: Machine, ms: number): Promise<void> {
  await machine.ok('devnet', 'fault', 'clear')
  if (ms === 0) return
  const { nodes } = await machine.json<{ readonly nodes: readonly unknown[] }>('devnet', 'status')
  for (const index of nodes.keys()) {
    await machine.ok('devnet', 'fault', 'slow', String(index), '--ms', String(ms))
  }
}
