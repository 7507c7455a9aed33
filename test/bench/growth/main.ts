import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import yargs from 'yargs'
import { directoryGrowth } from './directory.ts'
import { driveGrowth } from './drive.ts'
import { fileGrowth } from './file-size.ts'
import { growthPlot } from './growth-plot.ts'
import { growthTable, sizeText } from './growth-table.ts'
import type { Cost, GrowthSeries } from './growth.ts'
import { shardGrowth } from './shards.ts'

const all: readonly GrowthSeries[] = [directoryGrowth, driveGrowth, fileGrowth, shardGrowth]

/** `npm run bench -- growth [NAME…]`: how cost grows, in processor seconds and memory of the daemon. */
export async function growth(args: readonly string[]): Promise<void> {
  const { _, full, svg, upTo, json } = await yargs(args)
    .scriptName('npm run bench -- growth')
    .usage(`$0 [NAME…]\n\nNAME: ${all.map(({ name }) => name).join(', ')}`)
    .options({
      full: { type: 'boolean', default: false, describe: 'Up to a million files and 10 GiB' },
      'up-to': { type: 'number', default: Infinity, describe: 'Leave greater sizes out' },
      svg: { type: 'string', requiresArg: true, describe: 'Draw each series into this directory' },
      json: { type: 'boolean', default: false, describe: 'Print the costs as JSON' },
    })
    .strictOptions()
    .parseAsync()
  const names = _.map(String)
  const unknown = names.find((name) => all.every((series) => series.name !== name))
  if (unknown !== undefined) throw new Error(`no series ${unknown}`)
  for (const series of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const sizes = series.sizes[full ? 'full' : 'usual'].filter((size) => size <= upTo)
    const costs: Cost[] = []
    await series.measure(sizes, (cost) => {
      costs.push(cost)
      process.stderr.write(`${series.name}: ${sizeText(series, cost.size)} measured\n`)
    })
    const result = { name: series.name, title: series.title, costs }
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `\n${growthTable(series, costs)}`)
    if (svg === undefined) continue
    mkdirSync(svg, { recursive: true })
    writeFileSync(join(svg, `${series.name}.svg`), await growthPlot(series, costs))
  }
}
