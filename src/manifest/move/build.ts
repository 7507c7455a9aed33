import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  dumpMovePackage,
  initMovePackageBuilder,
  MovePackageFetcher,
  testMovePackage,
} from '@zktx.io/sui-move-builder/full'

/** A Move package ready to be published. */
export interface CompiledPackage {
  /** Bytecode, base64. */
  readonly modules: readonly string[]
  /** Packages it links against. */
  readonly dependencies: readonly string[]
  /** BLAKE2b-256 over modules and dependencies, hex: what an upgrade or a published package is compared by. */
  readonly digest: string
  /** What the compiler and its linters complain of; empty when there is nothing. */
  readonly warnings: string
}

type SourceFiles = Record<string, string>

/** Serves the stand-ins in place of Sui's repository: the compiler asks for its folders by name. */
class StandIns extends MovePackageFetcher {
  override async fetch(_git: string, _revision: string, folder = ''): Promise<SourceFiles> {
    return sourceFiles(join(import.meta.dirname, 'stand-ins', basename(folder)))
  }

  override async fetchFile(): Promise<null> {
    return null
  }

  override getResolvedSha(_git: string, revision: string): string {
    return revision
  }
}

const packageInput = () =>
  ({
    files: sourceFiles(import.meta.dirname, (path) => !path.startsWith('stand-ins')),
    fetcher: new StandIns(),
    network: 'testnet',
  }) as const

/** Compiles the manifest's package from the sources beside this file. Throws with the compiler's words. */
export async function compileManifest(): Promise<CompiledPackage> {
  await initMovePackageBuilder()
  const result = await dumpMovePackage({ ...packageInput(), lintFlag: 'all' })
  if ('error' in result) throw new Error(result.error)
  return {
    modules: result.modules,
    dependencies: result.dependencies,
    digest: Buffer.from(result.digest).toString('hex'),
    warnings: result.warnings ?? '',
  }
}

/** Runs the Move unit tests in the real Move virtual machine. The output is meant for people. */
export async function testManifest(): Promise<{ passed: boolean; output: string }> {
  await initMovePackageBuilder()
  const result = await testMovePackage(packageInput())
  return 'error' in result
    ? { passed: false, output: result.error }
    : { passed: result.passed, output: result.output }
}

/** The text of `bytecode.ts` for a compiled package. */
export function bytecodeModule(compiled: CompiledPackage): string {
  const list = (items: readonly string[]) => items.map((item) => `\n    '${item}',`).join('')
  return `/**
 * The manifest's Move package, compiled from \`move/sources\` by \`node src/manifest/move/build.ts\`.
 * A test compiles it anew and compares.
 */
export const manifestPackage = {
  modules: [${list(compiled.modules)}
  ],
  dependencies: [${list(compiled.dependencies)}
  ],
  digest: '${compiled.digest}',
}
`
}

function sourceFiles(root: string, wanted = (_path: string) => true): SourceFiles {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(move|toml)$/.test(path) && wanted(path))
    .sort()
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

if (process.argv[1] === import.meta.filename) {
  const compiled = await compileManifest()
  if (compiled.warnings) console.error(compiled.warnings)
  writeFileSync(join(import.meta.dirname, '../bytecode.ts'), bytecodeModule(compiled))
}
