import type { ObjectId } from '../../../terms/object-id.ts'
import {
  moduleAddress,
  moduleName,
  moveModule,
  readModule,
  referencedAddresses,
} from '../move/compiled-module.ts'
import type { CompiledModule } from '../move/compiled-module.ts'
import { ExecutionFailure } from '../move/failure.ts'
import type { FailureStatus } from '../move/failure.ts'
import type { GasMeter } from '../move/gas-meter.ts'
import { LinkError } from '../move/link-error.ts'
import type { Linker } from '../move/linker.ts'
import type { Linked, MovePackage, TypeOrigin } from '../move/package.ts'

export interface PackageParts {
  readonly id: ObjectId
  readonly modules: readonly Uint8Array[]
  readonly dependencies: readonly ObjectId[]
  /** The version that this one replaces. */
  readonly previous: MovePackage | undefined
}

interface Surroundings {
  readonly linker: Linker
  readonly meter: GasMeter
}

/** The largest package in bytes (protocol config, `max_move_package_size`). */
const maxPackageBytes = 102_400
const zeroAddress = `0x${'0'.repeat(64)}`
const bytesPerUnit = 8

/** Makes a package of what is to be published: checked, moved to its address and linked. Throws an ExecutionFailure. */
export function buildPackage({ linker, meter }: Surroundings, parts: PackageParts): MovePackage {
  const size = parts.modules.reduce((sum, bytes) => sum + bytes.length, 0)
  if (size > maxPackageBytes || parts.modules.length === 0)
    throw fail({ kind: 'MovePackageTooBig', size, limit: maxPackageBytes })
  meter.charge(Math.ceil(size / bytesPerUnit))
  const originalId = parts.previous?.originalId ?? parts.id
  const modules = parts.modules.map((bytes) => placeModule(bytes, originalId))
  const byName = new Map(modules.sort(([a], [b]) => (a < b ? -1 : 1)).map((m) => [m[0], m[1]]))
  if (byName.size !== modules.length) throw fail({ kind: 'VMVerificationOrDeserializationError' })
  const stored: MovePackage = {
    id: parts.id,
    originalId,
    version: (parts.previous?.version ?? 0n) + 1n,
    modules: byName,
    typeOrigins: typeOrigins(
      modules.map((module) => module[2]),
      parts,
    ),
    linkage: linkageOf(linker, parts.dependencies),
  }
  checkLinks(linker, stored)
  return stored
}

function fail(status: FailureStatus): ExecutionFailure {
  return new ExecutionFailure(status)
}

function placeModule(
  bytes: Uint8Array,
  address: ObjectId,
): readonly [string, Uint8Array, CompiledModule] {
  let module: CompiledModule
  try {
    module = readModule(bytes)
  } catch {
    throw fail({ kind: 'VMVerificationOrDeserializationError' })
  }
  if (moduleAddress(module) !== zeroAddress) throw fail({ kind: 'PublishErrorNonZeroAddress' })
  const placed = moveModule(bytes, address)
  return [moduleName(module), placed, readModule(placed)]
}

/** Datatypes that the previous version had keep their origin. */
function typeOrigins(modules: readonly CompiledModule[], parts: PackageParts): TypeOrigin[] {
  const earlier = parts.previous?.typeOrigins ?? []
  return modules.flatMap((compiled) => {
    const module = moduleName(compiled)
    return declaredNames(compiled).map(
      (datatype) =>
        earlier.find((origin) => origin.module === module && origin.datatype === datatype) ?? {
          module,
          datatype,
          package: parts.id,
        },
    )
  })
}

/** The names of a module's own structs and enums. */
export function declaredNames(compiled: CompiledModule): string[] {
  const handles = [
    ...compiled.struct_defs.map((definition) => definition.struct_handle),
    ...compiled.enum_defs.map((definition) => definition.enum_handle),
  ]
  return handles.map((handle) => compiled.identifiers[compiled.datatype_handles[handle]!.name]!)
}

/** Every package below must be named, in a version no older than those above were linked to. */
function linkageOf(linker: Linker, ids: readonly ObjectId[]): Map<ObjectId, Linked> {
  const linkage = new Map<ObjectId, Linked>()
  const packages = ids.map((id) => {
    const stored = linker.link(id)?.stored
    if (!stored) throw fail({ kind: 'PublishUpgradeMissingDependency' })
    linkage.set(stored.originalId, { id: stored.id, version: stored.version })
    return stored
  })
  for (const stored of packages)
    for (const [original, needed] of stored.linkage) {
      const linked = linkage.get(original)
      if (!linked) throw fail({ kind: 'PublishUpgradeMissingDependency' })
      if (linked.version < needed.version) throw fail({ kind: 'PublishUpgradeDependencyDowngrade' })
    }
  return linkage
}

function checkLinks(linker: Linker, stored: MovePackage): void {
  for (const bytes of stored.modules.values())
    for (const address of referencedAddresses(readModule(bytes)))
      if (address !== stored.originalId && !stored.linkage.has(address))
        throw fail({ kind: 'PublishUpgradeMissingDependency' })
  const linked = linker.stage(stored)
  try {
    for (const name of linked.moduleNames) linked.module(name)!.resolveAll()
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    throw new ExecutionFailure({ kind: 'VMVerificationOrDeserializationError' }, error.message)
  }
}
