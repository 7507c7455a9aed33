import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** A package of npm that lies in node_modules. */
export interface InstalledPackage {
  readonly directory: string
  readonly name: string
  readonly version: string
  readonly license: string
}

/**
 * What a checkout's program needs at run time: its dependencies and theirs, as node finds them; of optional ones those that are installed
 * for this machine, and of the program's own optional ones none.
 */
export function productionPackages(checkout: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>()
  const visit = (directory: string, names: readonly string[], mayBeAbsent: boolean): void => {
    for (const name of names) {
      const there = resolvePackage(directory, name)
      if (there === undefined) {
        if (mayBeAbsent) continue
        throw new Error(`${name}, which ${directory} needs, is not installed: npm ci`)
      }
      if (found.has(there)) continue
      const manifest = manifestOf(there)
      const { version, license = 'unknown' } = manifest
      found.set(there, { directory: there, name, version, license })
      visit(there, neededBy(manifest), false)
      visit(there, Object.keys(manifest.optionalDependencies ?? {}), true)
    }
  }
  visit(checkout, Object.keys(manifestOf(checkout).dependencies ?? {}), false)
  return [...found.values()].sort((a, b) => (a.directory < b.directory ? -1 : 1))
}

export function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
}

function neededBy(manifest: Manifest): string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  const optional = Object.keys(manifest.optionalDependencies ?? {})
  const peers = Object.keys(peerDependencies).filter(
    (name) => !peerDependenciesMeta[name]?.optional,
  )
  return [...Object.keys(dependencies), ...peers].filter((name) => !optional.includes(name))
}

/** As node looks: in node_modules of the directory, then of those above. */
function resolvePackage(directory: string, name: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (at === dirname(at)) return undefined
  }
}
