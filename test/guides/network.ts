import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Machine, type Ending } from '../e2e/machine.ts'
import { Publisher } from '../e2e/publisher.ts'
import { SitePublisher } from '../e2e/site-publisher.ts'
import type { Luggage } from './traveller.ts'

/** A local network for pages that take one for granted; it knows Walrus Sites, as mainnet and testnet do. */
export async function guideNetwork(ending: Ending): Promise<Luggage> {
  const machine = await Machine.withDevnet(ending)
  const { packageId } = await SitePublisher.of(await Publisher.of(machine))
  const config = readFileSync(join(machine.home, 'config/config.yaml'), 'utf8')
  const [networks = ''] = /^networks:\n(?: .*\n)+/m.exec(config) ?? []
  return {
    devnet: join(machine.home, 'devnet'),
    config: networks.replace(/^ {2}devnet:\n/m, `$&    sitePackage: '${packageId}'\n`),
  }
}
