import { startDevnet, type DevnetOptions } from '../../src/devnet/devnet.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { LineLog } from '../../src/runtime/log.ts'

/**
 * A devnet in a process of its own: `node serve.ts DIRECTORY [CHOICES as JSON]`. Says its status as one JSON line when it
 * runs; ends when it is told to through its control door, or when its standard input ends.
 */
const [directory, choices] = process.argv.slice(2)
const codec = new ScalarCodec()
const devnet = await startDevnet({
  ...(JSON.parse(choices ?? '{}') as Partial<DevnetOptions>),
  directory: directory!,
  codec,
  log: new LineLog((line) => console.error(line), 'warn'),
  onStop: () => void stop(),
})
console.log(JSON.stringify(devnet.status()))
process.stdin.on('end', () => void stop()).resume()

async function stop(): Promise<void> {
  await devnet.close()
  await codec.close()
  process.exit(0)
}
