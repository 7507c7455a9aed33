import yargs from 'yargs'
import { aligned } from '../../src/cli/bench/report.ts'
import { crash } from './crash.ts'
import { fuzz } from './fuzz.ts'
import { mixed } from './mixed.ts'
import { network } from './network.ts'
import type { Soak } from './soak.ts'
import { writers } from './writers.ts'

const all: readonly Soak[] = [crash, network, writers, mixed, fuzz]

/** `npm run test:soak [-- NAME…]`: each for so many minutes; fails when something was lost. */
const {
  _,
  minutes,
  seed,
  keep,
  out,
  sealed: always,
  public: never,
} = await yargs(process.argv.slice(2))
  .scriptName('npm run test:soak --')
  .usage(`$0 [NAME | NAME:PART…]\n\n${all.map(described).join('\n')}`)
  .options({
    minutes: { type: 'number', default: 10, describe: 'For each; what has begun is gone through' },
    sealed: { type: 'boolean', describe: 'Sealed drives only [odd seeds]', conflicts: 'public' },
    public: { type: 'boolean', describe: 'Public drives only [even seeds]' },
    seed: { type: 'number', default: 1, describe: 'The first one' },
    keep: { type: 'boolean', default: false, describe: 'Renew test/fixtures/fuzz' },
    out: { type: 'string', describe: 'Directory for readings and plots of mixed [a new one]' },
  })
  .strictOptions()
  .parseAsync()
/** Every other seed, where nothing is asked for. */
const sealed = (of: number) => always ?? (never ? false : of % 2 === 1)
const names = _.map(String)
const unknown = names.find((name) => all.every((soak) => partsFor(soak, [name]) === undefined))
if (unknown !== undefined) throw new Error(`there is no ${unknown}; see --help`)
for (const soak of all) {
  const parts = partsFor(soak, names)
  if (!parts) continue
  const say = (text: string) => void process.stderr.write(`${soak.name}: ${text}\n`)
  const untilMs = Date.now() + minutes * 60_000
  const {
    failures,
    more = [],
    ...first
  } = await soak.run({ untilMs, minutes, seed, say, parts, keep, out, sealed })
  process.stdout.write(`\n${soak.name}`)
  for (const { head, rows } of [first, ...more])
    process.stdout.write(`\n${aligned([head, ...rows], [0]).join('\n')}\n`)
  for (const failure of failures) process.stdout.write(`LOST: ${failure}\n`)
  if (failures.length > 0) process.exitCode = 1
}

function described({ name, about, parts = [] }: Soak): string {
  return `  ${name}: ${about}${parts.length > 0 ? ` (each for itself: ${parts.join(' ')})` : ''}`
}

/** What of a soak is asked for; undefined where nothing is. */
function partsFor({ name, parts = [] }: Soak, asked: readonly string[]): string[] | undefined {
  if (asked.length === 0 || asked.includes(name)) return [...parts]
  const found = parts.filter((part) => asked.includes(`${name}:${part}`))
  return found.length > 0 ? found : undefined
}
