import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { WalrusClient } from '@mysten/walrus'
import { test, type Test } from 'tap'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import type { DevnetStatus } from '../../src/devnet/devnet-status.ts'
import { someBytes } from './nodes-bench.ts'

const { signal } = new AbortController()
const coins = 10n ** 12n

/** Starts a devnet in a process of its own. */
async function serve(t: Test, directory: string): Promise<[ChildProcess, DevnetStatus]> {
  const script = join(import.meta.dirname, 'serve.ts')
  const stdio = ['pipe', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, [script, directory], { stdio: [...stdio] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  const [line] = (await once(lines, 'line')) as [string]
  return [child, JSON.parse(line) as DevnetStatus]
}

function clientOf({ suiUrl, systemObjectId, stakingPoolId }: DevnetStatus): WalrusClient {
  return new WalrusClient({
    packageConfig: { systemObjectId, stakingPoolId },
    suiClient: new SuiGrpcClient({ network: 'localnet', baseUrl: suiUrl }),
    storageNodeUrlScheme: 'http',
  })
}

test('what was certified survives kills in the middle of writes', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-kill-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const signer = new Ed25519Keypair()
  const certified = new Map<string, Uint8Array>()
  for (let round = 0; round < 2; round++) {
    const [child, status] = await serve(t, directory)
    const walrus = clientOf(status)
    for (const [blobId, blob] of certified) {
      t.equal(Buffer.compare(await walrus.readBlob({ blobId }), blob), 0)
    }
    t.same(new Set(status.blobIds), new Set([...certified.keys(), ...status.blobIds]))
    await DevnetClient.open(directory).faucet(
      signer.toSuiAddress(),
      { sui: coins, wal: coins },
      signal,
    )
    let killed = false
    for (let serial = 0; !killed; serial++) {
      const blob = someBytes(2000 + round, 10 * round + serial + 1)
      const writing = walrus.writeBlob({ blob, deletable: false, epochs: 5, signer })
      if (serial === 1) {
        setTimeout(
          () => {
            killed = child.kill('SIGKILL')
          },
          20 + 60 * round,
        )
      }
      try {
        certified.set((await writing).blobId, blob)
      } catch (error) {
        if (!killed) throw error
      }
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  t.ok(certified.size >= 2)
  const [child, status] = await serve(t, directory)
  const reader = clientOf(status)
  for (const [blobId, blob] of certified) {
    t.equal(Buffer.compare(await reader.readBlob({ blobId }), blob), 0)
  }
  await DevnetClient.open(directory).stop(signal)
  t.notOk(existsSync(join(directory, 'devnet.json')))
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
})
