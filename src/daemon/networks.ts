import { devnetParameters, publicNetworks, type NetworkParameters } from '../store/networks.ts'
import { parseObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Config, NetworkConfig } from './config-schema.ts'

/** How the network of a drive is reached. Throws Trouble `config`. */
export function networkOf(name: string, config: Config): NetworkParameters {
  const given = config.networks[name] ?? {}
  if (name === 'mainnet' || name === 'testnet') return changed(publicNetworks[name], given)
  const { suiUrl, systemObjectId, stakingPoolId } = given
  if (!suiUrl || !systemObjectId || !stakingPoolId) {
    throw new Trouble(
      'config',
      `the configuration does not say how the network ${name} is reached; ${
        name === 'devnet'
          ? 'start it with: walrusfs devnet start, then: walrusfs create NAME --network devnet'
          : `give networks.${name} suiUrl, systemObjectId and stakingPoolId`
      }`,
    )
  }
  return changed(devnetParameters({ suiUrl, systemObjectId, stakingPoolId }), given)
}

function changed(network: NetworkParameters, given: NetworkConfig): NetworkParameters {
  return {
    ...network,
    ...(given.suiUrl ? { suiUrl: given.suiUrl } : {}),
    ...(given.systemObjectId ? { systemObjectId: parseObjectId(given.systemObjectId) } : {}),
    ...(given.stakingPoolId ? { stakingObjectId: parseObjectId(given.stakingPoolId) } : {}),
    ...(given.nodeScheme ? { nodeScheme: given.nodeScheme } : {}),
    ...(given.aggregatorUrl ? { aggregatorUrl: given.aggregatorUrl } : {}),
    ...(given.sitePackage ? { sitePackage: parseObjectId(given.sitePackage) } : {}),
  }
}
