import { openChain } from '../../src/devnet/chain/open-chain.ts'
import { chainOptions } from './chain-start.ts'

/** A process of its own that mints one MIST after another and says so, until it is killed. */
const [directory, recipient] = process.argv.slice(2) as [string, string]
const chain = await openChain(chainOptions(directory))
for (let count = 1; ; count++) {
  await chain.faucet(recipient, { sui: 1n })
  process.stdout.write(`${count}\n`)
}
