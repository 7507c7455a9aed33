import { test } from 'tap'
import { createManifest } from '../../src/manifest/create-manifest.ts'
import { ManifestError, type Manifest } from '../../src/manifest/manifest.ts'
import { ManifestAdmin } from '../../src/manifest/manifest-admin.ts'
import { openManifest } from '../../src/manifest/open-manifest.ts'
import { silentLog as log } from '../../src/runtime/log.ts'
import { DevnetNetwork } from '../store/devnet-network.ts'
import { manifestSuite, numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()
const sui = '0x2::sui::SUI'

test('the manifest on Sui', async (t) => {
  const network = await DevnetNetwork.start(t)
  const owner = await network.newAccount()
  manifestSuite(t, async () => {
    const { id } = await createManifest({ account: owner, name: 'drive', log }, signal)
    const admin = new ManifestAdmin(owner, id)
    return {
      newWriter: async (balances) => {
        const account = await network.newAccount(balances)
        await admin.grant(account.queue!.address, signal)
        const manifest = await openManifest({ account, id, log }, signal)
        return manifest as Manifest & { writer: NonNullable<Manifest['writer']> }
      },
      newReader: () => openManifest({ account: network.openAccount(undefined), id, log }, signal),
      revoke: (writer) => admin.revoke(writer, signal),
      seal: () => admin.seal(signal),
      harmless: () => ({
        addTo: (transaction) => {
          const [coin] = transaction.splitCoins(transaction.gas, [1])
          transaction.transferObjects([coin!], owner.queue!.address)
        },
      }),
      refused: () => ({
        addTo: (transaction) => {
          const [coin] = transaction.splitCoins(transaction.gas, [1])
          const target = '0x2::coin::destroy_zero'
          transaction.moveCall({ target, typeArguments: [sui], arguments: [coin!] })
        },
      }),
      loseAnswer: () => void network.devnet.suiFault({ kind: 'lose-answer', times: 1 }),
    }
  })
})

test('a change that may have been ours is no conflict until that is known', async (t) => {
  const network = await DevnetNetwork.start(t)
  const account = await network.newAccount()
  const { id } = await createManifest({ account, name: 'drive', log }, signal)
  const manifest = await openManifest({ account, id, log }, signal)
  await manifest.append(0n, Buffer.from('ours'), signal)
  await manifest.commit(1n, numberedRoot(1), [], signal)
  const blind = await openManifest({ account, id, log }, signal)
  blind.past = () => {
    throw new ManifestError('unreachable', 'no old versions now')
  }
  const again = blind.append(0n, Buffer.from('ours'), signal)
  await t.rejects(again, { name: 'ManifestError', code: 'unreachable' })
  t.equal((await manifest.append(0n, Buffer.from('ours'), signal)).sequence, 1n)
})
