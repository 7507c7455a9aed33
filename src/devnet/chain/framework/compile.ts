import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dumpMovePackage, initMovePackageBuilder } from '@zktx.io/sui-move-builder'

/** A Move package compiled: modules in the order of their dependencies. */
export interface CompiledPackage {
  /** Base64 of each module's bytecode. */
  readonly modules: string[]
  readonly dependencies: string[]
}

const frameworkDirectory = import.meta.dirname

/** The text of each `.move` and `.toml` file under a directory, by relative path. */
export function readSources(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  const wanted = paths.filter((path) => /\.(move|toml)$/.test(path)).sort()
  return Object.fromEntries(
    wanted.map((path) => [path, readFileSync(join(directory, path), 'utf8')]),
  )
}

/**
 * Compiles a package (its `Move.toml` and `sources/`) against the devnet's own `std` and `sui`. Nothing is fetched
 * from the network. For development and tests: the compiler is not among the package's dependencies. Throws with the
 * compiler's diagnostics.
 */
export async function compilePackage(files: Record<string, string>): Promise<CompiledPackage> {
  await initMovePackageBuilder()
  const result = await dumpMovePackage({
    files,
    network: 'testnet',
    silenceWarnings: true,
    fetcher: frameworkFetcher as never,
  })
  if ('error' in result) throw new Error(`the Move package does not compile:\n${result.error}`)
  return { modules: result.modules, dependencies: result.dependencies }
}

/** Compiles modules that have addresses of their own from the start, as those of the genesis do. */
export async function compileAt(
  addresses: Record<string, string>,
  sources: Record<string, string>,
  useFramework: boolean,
): Promise<string[]> {
  const named = Object.entries(addresses).map(([name, address]) => `${name} = "${address}"`)
  const manifest = [
    '[package]',
    'name = "genesis"',
    'edition = "2024"',
    ...(useFramework ? [] : ['implicit-dependencies = false']),
    '[addresses]',
    'genesis = "0x0"',
    ...named,
    '',
  ].join('\n')
  const { modules } = await compilePackage({ 'Move.toml': manifest, ...sources })
  return modules
}

const frameworkFetcher = {
  fetch: async (_url: string, _revision: string, subdirectory = '') =>
    readSources(join(frameworkDirectory, subdirectory.split('/').pop() ?? '')),
  fetchFile: async () => null,
  getResolvedSha: (_url: string, revision: string) => revision,
}
