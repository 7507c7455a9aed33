import type { ObjectId } from '../../../terms/object-id.ts'

/** A published package: one version of one program. */
export interface MovePackage {
  /** Where this version lies. */
  readonly id: ObjectId
  /** Where the first version lies: the address that modules have in bytecode. */
  readonly originalId: ObjectId
  readonly version: bigint
  /** Bytecode by module name, in the order of names. */
  readonly modules: ReadonlyMap<string, Uint8Array>
  /** Which version introduced each datatype. */
  readonly typeOrigins: readonly TypeOrigin[]
  /** For each package that this one needs, directly or not: original id to the version that it runs with. */
  readonly linkage: ReadonlyMap<ObjectId, Linked>
}

export interface TypeOrigin {
  readonly module: string
  readonly datatype: string
  readonly package: ObjectId
}

export interface Linked {
  readonly id: ObjectId
  readonly version: bigint
}
