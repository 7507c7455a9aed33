import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import { openChain } from '../../src/devnet/chain/open-chain.ts'
import { Account, chainOptions, temporaryDirectory } from './chain-start.ts'

test('what was answered before the process was killed is there again', async (t) => {
  const directory = temporaryDirectory(t)
  const recipient = `0x${'ee'.repeat(32)}`
  let minted = 0n
  for (const stopAt of [1, 9]) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'chain-child.ts'), directory, recipient],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    )
    const ended = new Promise((resolve) => child.once('close', resolve))
    let answered = 0
    for await (const line of createInterface({ input: child.stdout })) {
      answered = Number(line)
      if (answered >= stopAt) child.kill('SIGKILL')
    }
    await ended
    const chain = await openChain(chainOptions(directory))
    const { client } = new Account(chain)
    const found = BigInt((await client.getBalance({ owner: recipient })).balance.balance)
    t.ok(answered >= stopAt)
    t.ok(found >= minted + BigInt(answered), `${found} of ${minted} + ${answered} are there`)
    minted = found
    await chain.close()
  }
})
