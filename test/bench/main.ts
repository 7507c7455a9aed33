import { run as codecBench } from './codec.ts'
import { mountBench } from './mount-bench.ts'
import { tableOf } from './ratio-table.ts'

/**
 * `npm run bench [-- mount|codec] [--json]`: what is to be fast, as ratios of one interleaved run on this machine; absolute
 * numbers of shared machines mean little.
 */
const flags = process.argv.slice(2)
const json = flags.includes('--json')
const benches: Readonly<Record<string, () => Promise<void>>> = {
  mount: async () => {
    const results = await mountBench()
    process.stdout.write(`${json ? JSON.stringify(results) : tableOf(results)}\n`)
  },
  codec: () => codecBench(),
}
const wanted = flags.filter((flag) => !flag.startsWith('--'))
for (const name of wanted.length ? wanted : Object.keys(benches)) {
  const bench = benches[name]
  if (!bench) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`)
  if (!json) process.stdout.write(`\n${name}\n`)
  await bench()
}
