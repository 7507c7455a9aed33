import { test } from 'tap'
import { blobStoreSuite } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'

test('the store on Walrus', async (t) => {
  const network = await DevnetNetwork.start(t)
  blobStoreSuite(t, async () => network)
})
