import { Trouble } from '../terms/trouble.ts'
import type { Config } from './config-schema.ts'
import type { Keystore } from './keystore.ts'

/** Who pays, and where. */
export interface Payer {
  readonly key: string
  readonly network: string
}

/**
 * The key and the network to publish with: what is given, else what the only drive with a key has. Throws Trouble `usage`,
 * `no-key`.
 */
export function payerOf(
  config: Config,
  keys: Keystore,
  given: { readonly key?: string | undefined; readonly network?: string | undefined },
): Payer {
  const drives = Object.values(config.drives)
    .filter((drive) => drive.key !== undefined && keys.has(drive.key))
    .map(({ key, network }) => ({ key: key!, network }))
    .filter(({ network }) => given.network === undefined || network === given.network)
    .filter(({ key }) => given.key === undefined || key === given.key)
  const [first] = drives
  const known = new Set(drives.map(({ key, network }) => `${key} on ${network}`))
  if (first && known.size === 1) return first
  if (given.key !== undefined && given.network !== undefined) {
    keys.load(given.key)
    return { key: given.key, network: given.network }
  }
  if (known.size > 1) {
    const names = [...known].join(', ')
    throw new Trouble('usage', `say which key pays, and where: --key, --network (${names})`)
  }
  throw new Trouble(
    'no-key',
    'no key is known to pay with: make a drive (walrusfs create NAME), or give --key and --network',
  )
}
