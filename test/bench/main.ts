import { writeFileSync } from 'node:fs'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { benches } from './benches.ts'
import { experiments } from './experiments.ts'
import { hasFailed } from './harness/comparison.ts'
import { keep, recordOf } from './harness/record.ts'
import { runBenches } from './harness/run.ts'
import { goalsOf, tableOf } from './harness/table.ts'
import { svgOfRatios } from './plot/ratio-plot.ts'

/** `npm run bench [-- NAME…]`: what is to be fast, as ratios of interleaved rounds; absolute numbers of shared machines mean little. */
const list = benches.map(({ name, about, isLong }) => {
  return `  ${name.padEnd(20)} ${about}${isLong ? ' (only when named)' : ''}`
})
const experiment = experiments.find(({ name }) => name === process.argv[2])
if (experiment) {
  await experiment.run(process.argv.slice(3)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  process.exit()
}
const others = experiments.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`)
const args = await yargs(hideBin(process.argv))
  .scriptName('npm run bench --')
  .usage(
    `$0 [NAME…]\n\nRuns all benches, or some:\n${list.join('\n')}\n\nAlone, with flags of their own:\n${others.join('\n')}`,
  )
  .options({
    json: { type: 'boolean', default: false, describe: 'Print the results as JSON' },
    keep: {
      type: 'boolean',
      default: false,
      describe: 'Write them to test/bench/results, for this version',
    },
    svg: { type: 'string', requiresArg: true, describe: 'Draw the ratios into this file' },
    rounds: { type: 'number', default: 3, describe: 'How often each is measured, in turn' },
  })
  .strictOptions()
  .parseAsync()

const names = args._.map(String)
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are:\n${list.join('\n')}\n`)
  process.exit(2)
}
if (args.keep && names.length) {
  process.stderr.write('--keep keeps the record of all benches: name none\n')
  process.exit(2)
}
if (!Number.isSafeInteger(args.rounds) || args.rounds < 1) {
  process.stderr.write('--rounds must be a whole number from 1 on\n')
  process.exit(2)
}
const wanted = benches.filter(({ name, isLong }) => (names.length ? names.includes(name) : !isLong))
const rows = await runBenches(wanted, args.rounds, ({ name }, found) => {
  if (!args.json) process.stdout.write(`\n${name}\n${tableOf(found)}\n`)
})
const record = recordOf(rows)
if (rows.some(hasFailed)) process.exitCode = 1
if (args.json) process.stdout.write(`${JSON.stringify(record, undefined, 2)}\n`)
else if (wanted.length > 1) {
  process.stdout.write(`\nall: ${goalsOf(rows)}\n${tableOf(rows)}\n`)
}
const { version, commit, date } = record
const title = `walrusfs ${version} (${commit ?? 'no commit'}), ${date.slice(0, 10)}`
if (args.keep || args.svg !== undefined) {
  const svg = await svgOfRatios(title, rows)
  if (args.svg !== undefined) writeFileSync(args.svg, svg)
  if (args.keep) keep(record, svg)
}
