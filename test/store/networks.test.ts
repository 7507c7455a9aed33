import { MAINNET_WALRUS_PACKAGE_CONFIG, TESTNET_WALRUS_PACKAGE_CONFIG } from '@mysten/walrus'
import { test } from 'tap'
import { devnetParameters, publicNetworks } from '../../src/store/networks.ts'

test('the public networks are those of the official client', async (t) => {
  for (const [name, official] of [
    ['mainnet', MAINNET_WALRUS_PACKAGE_CONFIG],
    ['testnet', TESTNET_WALRUS_PACKAGE_CONFIG],
  ] as const) {
    const network = publicNetworks[name]
    t.equal(network.systemObjectId, official.systemObjectId)
    t.equal(network.stakingObjectId, official.stakingPoolId)
    t.match(network, { name, nodeScheme: 'https', suiUrl: /^https:/ })
  }
})

test('a devnet is given by its status', async (t) => {
  const status = { suiUrl: 'http://127.0.0.1:9000', systemObjectId: '0x1', stakingPoolId: '2' }
  t.match(devnetParameters(status), {
    name: 'devnet',
    nodeScheme: 'http',
    suiUrl: status.suiUrl,
    systemObjectId: `0x${'0'.repeat(63)}1`,
    stakingObjectId: `0x${'0'.repeat(63)}2`,
  })
  t.throws(() => devnetParameters({ ...status, suiUrl: 'nowhere' }), RangeError)
  t.throws(() => devnetParameters({ ...status, systemObjectId: 'x' }), RangeError)
})
