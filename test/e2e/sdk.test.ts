import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { WalrusClient } from '@mysten/walrus'
import { test } from 'tap'
import { Machine, noMounts } from './machine.ts'

interface DevnetStatus {
  readonly suiUrl: string
  readonly systemObjectId: string
  readonly stakingPoolId: string
  readonly nodes: readonly { readonly url: string }[]
  readonly blobIds: readonly string[]
}

test('the official SDK reads our packs, and we read its blobs', { skip: noMounts() }, async (t) => {
  const machine = new Machine(t)
  await machine.startDevnet()
  // What others are to read.
  await machine.create('demo', '--public')
  const mount = await machine.mount()
  const canary = 'a line that must be in some pack, again and again. '.repeat(200)
  writeFileSync(join(mount, 'canary'), canary)
  writeFileSync(
    join(mount, 'random'),
    Buffer.from(Array.from({ length: 50_000 }, () => Math.random() * 256)),
  )
  await machine.ok('sync', mount)

  const devnet = await machine.json<DevnetStatus>('devnet', 'status')
  t.equal(devnet.nodes.length, 4)
  t.ok(devnet.blobIds.length > 0)
  const sui = new SuiGrpcClient({ network: 'localnet', baseUrl: devnet.suiUrl })
  const walrus = new WalrusClient({
    packageConfig: { systemObjectId: devnet.systemObjectId, stakingPoolId: devnet.stakingPoolId },
    suiClient: sui,
    storageNodeUrlScheme: 'http',
  })
  const random = readFileSync(join(mount, 'random')).subarray(100, 200)
  let found = false
  for (const blobId of devnet.blobIds) {
    const pack = Buffer.from(await walrus.readBlob({ blobId }))
    found ||= pack.includes(random)
  }
  t.ok(found, 'a pack holds the file’s bytes')

  const signer = Ed25519Keypair.fromSecretKey(
    readFileSync(join(machine.home, 'config/keys/demo'), 'utf8').trim(),
  )
  const blob = Buffer.from('written by the official SDK')
  const { blobId } = await walrus.writeBlob({ blob, deletable: true, epochs: 2, signer })
  t.equal(await machine.ok('cat', `blob:${blobId}`), 'written by the official SDK')
})
