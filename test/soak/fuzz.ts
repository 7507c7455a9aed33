import { keepFinding, keepInputs } from '../fuzz/corpus.ts'
import { fuzzTargets } from '../fuzz/targets/index.ts'
import { tryTarget } from '../fuzz/try-target.ts'
import type { Soak } from './soak.ts'

/** Every decoder of what comes from outside, one after the other, each for all of the time. */
export const fuzz: Soak = {
  name: 'fuzz',
  about: 'mutants for every decoder of what comes from outside, led by what code they run',
  parts: fuzzTargets.map(({ name }) => name),
  async run({ minutes, seed, say, parts, keep }) {
    const rows: string[][] = []
    const failures: string[] = []
    for (const target of fuzzTargets.filter(({ name }) => parts.includes(name))) {
      const result = await tryTarget(target, minutes * 60_000, seed)
      const { tried, taken, inputs, finding } = result
      if (finding) failures.push(`${finding.what} (${keepFinding(target.name, finding.input)})`)
      else if (keep) keepInputs(target.name, inputs)
      rows.push([target.name, `${tried}`, `${taken}`, `${inputs.length}`, finding ? '1' : '0'])
      say(`${target.name}: ${tried} inputs, ${finding ? finding.what.slice(0, 300) : 'all well'}`)
    }
    return { head: ['decoder', 'inputs', 'taken', 'corpus', 'findings'], rows, failures }
  },
}
