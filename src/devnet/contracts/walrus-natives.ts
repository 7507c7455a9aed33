import { blsNatives } from '../chain/natives/bls-natives.ts'
import { nativeSet } from '../chain/natives/native-set.ts'
import type { NativeTable } from '../chain/natives/native-set.ts'
import { objectNatives } from '../chain/natives/object-natives.ts'
import { stdNatives } from '../chain/natives/std-natives.ts'
import { stdPackage, suiPackage } from '../chain/genesis.ts'
import { walrusOriginal } from './addresses.ts'

/** Natives of the devnet's Walrus. */
const walrusNatives: NativeTable = {
  'system::package_version': ({ called }) => [called.module.package.stored.version],
}

/** Every native function of a devnet. */
export const devnetNatives = nativeSet({
  [stdPackage]: [stdNatives],
  [suiPackage]: [objectNatives, blsNatives],
  [walrusOriginal]: [walrusNatives],
})
