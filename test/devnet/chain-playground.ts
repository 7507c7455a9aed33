import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compilePackage, readSources } from '../../src/devnet/chain/framework/compile.ts'
import type { CompiledPackage } from '../../src/devnet/chain/framework/compile.ts'
import type { Account } from './chain-start.ts'

const directory = join(import.meta.dirname, 'chain-move')
const compiledPath = join(directory, 'compiled.json')

/** The package of the tests as it was compiled last: `node test/devnet/chain-playground.ts` compiles it again. */
export function playgroundPackage(): CompiledPackage {
  return JSON.parse(readFileSync(compiledPath, 'utf8')) as CompiledPackage
}

/** Compiles the package of the tests. `edit` changes its sources before. */
export async function compilePlayground(
  edit: (path: string, text: string) => string = (_, text) => text,
): Promise<CompiledPackage> {
  const sources = Object.entries(readSources(directory))
  return await compilePackage(
    Object.fromEntries(sources.map(([path, text]) => [path, edit(path, text)])),
  )
}

export interface Published {
  readonly id: string
  readonly upgradeCap: string
  /** The place of a function, for move calls. */
  readonly at: (path: string) => string
}

/** Publishes a package; its upgrade capability stays with the account. */
export async function publish(account: Account, compiled: CompiledPackage): Promise<Published> {
  const { modules, dependencies } = compiled
  const result = await account.succeed((tx) => {
    const [cap] = tx.publish({ modules, dependencies })
    tx.transferObjects([cap!], account.address)
  })
  const changes = result.effects!.changedObjects
  const id = changes.find((change) => change.outputState === 'PackageWrite')!.objectId
  const [upgradeCap] = Object.entries(result.objectTypes!).find(([, type]) =>
    type.endsWith('::package::UpgradeCap'),
  )!
  return { id, upgradeCap, at: (path) => `${id}::${path}` }
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(compiledPath, `${JSON.stringify(await compilePlayground(), undefined, 1)}\n`)
