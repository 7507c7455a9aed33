import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { passthroughFinding } from '../../../src/fuse/passthrough-finding.ts'
import { type Machine, until } from '../../e2e/machine.ts'
import type { Bench } from '../harness/bench.ts'
import type { Row } from '../harness/comparison.ts'
import type { Ground } from '../harness/ground.ts'
import { inTurn } from '../harness/in-turn.ts'
import { dropCaches, noDropping } from '../harness/kernel-caches.ts'

const fileBytes = 64 << 20
/** Of which each round takes the best, as in read-hot. */
const passes = 5

export const readPassed: Bench = {
  name: 'read-passed',
  about: 'a file that the kernel reads from the disk cache by itself (--passthrough)',
  run: async (ground) => {
    const { isFine, detail } = passthroughFinding(tmpdir())
    const why = isFine ? noDropping() : detail
    if (why === false) return measure(ground)
    return [{ measure: 'read 64 MiB passed through', against: 'host disk', skipped: why }]
  },
}

async function measure(ground: Ground): Promise<Row[]> {
  const { machine, path } = await ground.drive()
  const host = ground.directory()
  for (const directory of [path, host]) writeWhole(join(directory, 'large'), fileBytes)
  await machine.ok('sync', path)
  const ordinary = await ground.other(machine).mount('demo', '--read-only')
  readWhole(join(ordinary, 'large'))
  const passed = await passing(ground.other(machine))
  const best = (directory: string) => () =>
    Math.max(...Array.from({ length: passes }, () => rateOf(directory)))
  const cold = (directory: string) => () => (dropCaches('all'), rateOf(directory))
  const hot = { ours: best(passed), theirs: best(host), through: best(ordinary) }
  const { ours, theirs, through } = await inTurn(ground.rounds, hot)
  const warm = await inTurn(ground.rounds, { ours: cold(passed), theirs: cold(host) })
  const row = { better: 'higher', unit: 'MB/s' } as const
  const again = 'read 64 MiB again (passed through)'
  const fromDisk = 'read 64 MiB (passed through, no page cache)'
  return [
    { ...row, measure: again, against: 'host page cache', ours, theirs, goal: 0.9 },
    { ...row, measure: again, against: 'the same without', ours, theirs: through },
    { ...row, measure: fromDisk, against: 'host disk', ...warm, goal: 0.5 },
  ]
}

/** A mount whose kernel reads the file by itself. */
async function passing(machine: Machine): Promise<string> {
  const there = await machine.mount('demo', '--read-only', '--passthrough')
  const directory = join(machine.home, 'cache/whole')
  const isThere = () =>
    existsSync(directory) && readdirSync(directory).some((name) => name.endsWith('.whole'))
  for (let i = 0; i < 2; i++) readWhole(join(there, 'large'))
  await until(isThere, 'the file to be laid out')
  return there
}

function rateOf(directory: string): number {
  return perSecond(readWhole(join(directory, 'large'))) / 1e6
}
