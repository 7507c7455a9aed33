import { createRequire } from 'node:module'
import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { readBySdk } from '../../src/store/read/last-resort.ts'
import { storeBlob } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

/** The SDK's decoder as this thread has it. */
const { __wasm: wasm } = createRequire(import.meta.url)('@mysten/walrus-wasm') as {
  readonly __wasm: { readonly memory: WebAssembly.Memory }
}

const never = new AbortController().signal
const bytes = seededBytes(3_000_000, 'last resort')

test('the SDK reads a blob in a thread of its own', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { devnet } = network
  await storeBlob(await network.newStore(), packFile(t, bytes), 9)
  const { network: parameters } = network.openAccount(undefined)
  const codec = await openCodec({ workers: 1 })
  t.teardown(() => codec.close())
  const { shards } = devnet.chain.view.committee()
  const metadata = await codec.metadata(shards, { kind: 'bytes', bytes }, never)

  const before = wasm.memory.buffer.byteLength
  t.ok(bytes.equals(await readBySdk(parameters, metadata, never)))
  // The devnet checks signatures with it here, in next to no memory.
  const taken = wasm.memory.buffer.byteLength - before
  t.ok(taken < bytes.length, `its memory is not the main thread’s: ${taken} bytes`)

  await devnet.fault(1, { kind: 'stop' })
  t.ok(bytes.equals(await readBySdk(parameters, metadata, never)), 'with a node gone')
  await devnet.mend()

  await t.test('what the SDK says of a failure is passed on', async (t) => {
    for (const node of [0, 1, 2, 3]) await devnet.fault(node, { kind: 'corrupt' })
    await t.rejects(readBySdk(parameters, metadata, never), { name: 'Error' })
    await devnet.mend()
  })

  await t.test('whoever asked no longer wants it', async (t) => {
    for (const node of [0, 1, 2, 3]) await devnet.fault(node, { kind: 'hang' })
    const asked = new AbortController()
    const reading = readBySdk(parameters, metadata, asked.signal)
    setTimeout(() => asked.abort(new Error('enough')), 300)
    await t.rejects(reading, { message: 'enough' })
    await devnet.mend()
    await t.rejects(readBySdk(parameters, metadata, AbortSignal.abort(new Error('before'))), {
      message: 'before',
    })
  })
})
