import { test } from 'tap'
import { ManifestError } from '../../src/manifest/manifest.ts'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { MemoryDrive } from '../../src/manifest/memory-drive.ts'
import { MemoryManifest } from '../../src/manifest/memory-manifest.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { FaultScript, withFaults } from '../../src/store/faults.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { storeBlob } from '../store/blob-store-suite.ts'
import { packFile, seededBytes } from '../store/pack-file.ts'
import { manifestSuite, numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()

test('the in-memory manifest', async (t) => {
  manifestSuite(t, async () => {
    const network = new MemoryNetwork()
    const drive = new MemoryDrive(network)
    const script = new FaultScript()
    const open = <T extends object>(manifest: T): T => withFaults(manifest, script)
    const none = (): never => {
      throw new Error('no commands')
    }
    return {
      newWriter: async ({ sui } = {}) => {
        const [account, writer] = [network.openAccount(sui), drive.grant()]
        const manifest = new MemoryManifest({ drive, account, writer })
        return open(manifest) as Manifest & { writer: typeof writer }
      },
      newReader: async () =>
        open(new MemoryManifest({ drive, account: network.openAccount(), writer: undefined })),
      revoke: async (writer) => drive.revoke(writer),
      seal: async () => drive.seal(),
      harmless: () => ({ addTo: none }),
      refused: () => ({
        addTo: none,
        apply: () => {
          throw new StoreError('not-owner', 'refused')
        },
      }),
      loseAnswer: () => {
        const error = () => new ManifestError('lost-answer', 'lost')
        for (const step of ['commit', 'append', 'renew']) script.add({ step, when: 'after', error })
      },
    }
  })
})

test('a commit certifies its packs or does not happen', async (t) => {
  const network = new MemoryNetwork()
  const account = network.openAccount()
  const store = new MemoryStore(network, account)
  const drive = new MemoryDrive(network)
  const manifest = new MemoryManifest({ drive, account, writer: drive.firstWriter })
  const pack = packFile(t, seededBytes(100, 'pack'))
  const [registered] = await store.register([await store.encode(pack, signal)], 3, signal)
  const uploaded = await store.upload(registered!, pack, () => {}, signal)
  const other = await storeBlob(store, packFile(t, seededBytes(100, 'other')))
  const certify = store.certify(uploaded)

  await t.rejects(manifest.commit(7n, numberedRoot(1), [certify], signal), { code: 'conflict' })
  await t.rejects(store.read(uploaded.blobId, 0, 1, signal), { code: 'not-found' })
  const [owned] = (await store.owned(signal)).filter(({ certified }) => !certified)
  const failing = manifest.commit(
    0n,
    numberedRoot(1),
    [certify, store.extend([owned!], 99)],
    signal,
  )
  await t.rejects(failing, { code: 'rejected' })
  await t.rejects(store.read(uploaded.blobId, 0, 1, signal), { code: 'not-found' })

  await manifest.commit(0n, numberedRoot(1), [certify, store.certify(other)], signal)
  t.equal(await store.size(uploaded.blobId, signal), 100)
})
