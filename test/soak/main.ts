import yargs from 'yargs'
import { aligned } from '../../src/cli/bench/report.ts'
import { crash } from './crash.ts'
import type { Soak } from './soak.ts'
import { writers } from './writers.ts'

const all: readonly Soak[] = [crash, writers]

/** `npm run test:soak [-- NAME…]`: each for so many minutes; fails when something was lost. */
const { _, minutes, seed } = await yargs(process.argv.slice(2))
  .scriptName('npm run test:soak --')
  .usage(`$0 [NAME…]\n\n${all.map(({ name, about }) => `  ${name}: ${about}`).join('\n')}`)
  .options({
    minutes: { type: 'number', default: 10, describe: 'For each; what has begun is gone through' },
    seed: { type: 'number', default: 1, describe: 'The first one' },
  })
  .strictOptions()
  .parseAsync()
const names = _.map(String)
const unknown = names.find((name) => all.every((soak) => soak.name !== name))
if (unknown !== undefined) throw new Error(`there is no ${unknown}; see --help`)
for (const soak of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const say = (text: string) => void process.stderr.write(`${soak.name}: ${text}\n`)
  const { head, rows, failures } = await soak.run({
    untilMs: Date.now() + minutes * 60_000,
    seed,
    say,
  })
  process.stdout.write(`\n${soak.name}\n${aligned([head, ...rows], [0]).join('\n')}\n`)
  for (const failure of failures) process.stdout.write(`LOST: ${failure}\n`)
  if (failures.length > 0) process.exitCode = 1
}
