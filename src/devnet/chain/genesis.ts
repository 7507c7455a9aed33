import { fromBase64 } from '@mysten/sui/utils'
import { parseObjectId } from '../../terms/object-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { ChainState } from './chain-state.ts'
import { declaredNames } from './execution/package-builder.ts'
import { modules as frameworkModules } from './framework/bytecode.ts'
import { moduleAddress, moduleName, readModule } from './move/compiled-module.ts'
import type { Linked, MovePackage } from './move/package.ts'
import { objectDigest } from './objects/object-bcs.ts'
import type { StoredObject } from './objects/object.ts'
import { callSystem, pure, transactionOf } from './system-calls.ts'

export const stdPackage = parseObjectId('0x1')
export const suiPackage = parseObjectId('0x2')
export const clockId = parseObjectId('0x6')

/** A package that is there from the start. */
export interface GenesisPackage {
  readonly id: ObjectId
  /** The address that its modules have in bytecode. */
  readonly originalId: ObjectId
  readonly version: bigint
  /** Bytecode of the modules of this and of other packages. */
  readonly modules: readonly Uint8Array[]
  /** What it is linked to, with versions. */
  readonly dependencies: readonly (Linked & { readonly originalId: ObjectId })[]
}

const std = { id: stdPackage, originalId: stdPackage, version: 1n }
const sui = { id: suiPackage, originalId: suiPackage, version: 1n }

/** Links to `std` and `sui`, which everything has. */
export const frameworkLinks = [std, sui]

/** Makes the first objects of a new chain: Sui's own packages, others as given, and the clock. */
export function makeGenesis(chain: ChainState, packages: readonly GenesisPackage[]): void {
  const framework = frameworkModules.map((text) => fromBase64(text))
  const all: GenesisPackage[] = [
    { ...std, modules: framework, dependencies: [] },
    { ...sui, modules: framework, dependencies: [std] },
    ...packages,
  ]
  const transaction = transactionOf(chain, {
    package: suiPackage,
    module: 'genesis',
    function: 'genesis',
    arguments: [],
  })
  chain.plant(
    transaction,
    all.map((genesis) => storePackage(genesis, transaction.digest)),
  )
  callSystem(chain, {
    package: suiPackage,
    module: 'clock',
    function: 'create',
    arguments: [pure.u64(chain.time.now())],
  })
}

function storePackage(genesis: GenesisPackage, previousTransaction: string): StoredObject {
  const stored = packageOf(genesis)
  const parts = {
    version: stored.version,
    owner: { kind: 'immutable' },
    previousTransaction,
    storageRebate: 0n,
    data: { package: stored },
  } as const
  const { version, owner, storageRebate } = parts
  const digest = objectDigest(parts)
  return {
    kind: 'package',
    id: stored.id,
    version,
    digest,
    owner,
    previousTransaction,
    storageRebate,
    package: stored,
  }
}

function packageOf({
  id,
  originalId,
  version,
  modules,
  dependencies,
}: GenesisPackage): MovePackage {
  const own = modules
    .map((bytes) => ({ bytes, compiled: readModule(bytes) }))
    .filter(({ compiled }) => moduleAddress(compiled) === originalId)
    .map((module) => ({ ...module, name: moduleName(module.compiled) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    id,
    originalId,
    version,
    modules: new Map(own.map(({ name, bytes }) => [name, bytes])),
    typeOrigins: own.flatMap(({ name, compiled }) =>
      declaredNames(compiled).map((datatype) => ({ module: name, datatype, package: originalId })),
    ),
    linkage: new Map(
      dependencies.map((linked) => [linked.originalId, { id: linked.id, version: linked.version }]),
    ),
  }
}

/** Brings the clock object up to the present, before a transaction reads it. */
export function refreshClock(chain: ChainState): void {
  callSystem(chain, {
    package: suiPackage,
    module: 'clock',
    function: 'set',
    arguments: [{ shared: clockId }, pure.u64(chain.time.now())],
  })
}
