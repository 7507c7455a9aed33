import type { Owner } from '../move/session.ts'
import { Ability, hasAbility } from '../move/types.ts'
import { objectBytes } from '../objects/object-bcs.ts'
import type { MoveObject, PackageObject, StoredObject } from '../objects/object.ts'
import { coinValue, currencyOf } from '../objects/object.ts'
import type { TypeResolver } from '../type-resolver.ts'
import { G } from './grpc-types.ts'
import type { FieldMask } from './field-mask.ts'
import { protoPackage } from './proto-package.ts'

export function protoOwner(owner: Owner): G.Owner {
  switch (owner.kind) {
    case 'address':
      return { kind: G.Owner_OwnerKind.ADDRESS, address: owner.address }
    case 'object':
      return { kind: G.Owner_OwnerKind.OBJECT, address: owner.parent }
    case 'shared':
      return { kind: G.Owner_OwnerKind.SHARED, version: owner.initialVersion }
    case 'immutable':
      return { kind: G.Owner_OwnerKind.IMMUTABLE }
  }
}

/** An object as the full node answers: only what the mask asks for. */
export function protoObject(object: StoredObject, mask: FieldMask, types: TypeResolver): G.Object {
  const fields: { -readonly [K in keyof G.Object]: G.Object[K] } = {}
  if (mask.has('object_id')) fields.objectId = object.id
  if (mask.has('version')) fields.version = object.version
  if (mask.has('digest')) fields.digest = object.digest
  if (mask.has('owner')) fields.owner = protoOwner(object.owner)
  if (mask.has('previous_transaction')) fields.previousTransaction = object.previousTransaction
  if (mask.has('storage_rebate')) fields.storageRebate = object.storageRebate
  if (mask.has('bcs')) fields.bcs = { name: 'Object', value: bytesOf(object, types) }
  if (object.kind === 'package') addPackage(fields, object, mask)
  else addValue(fields, object, mask, types)
  return fields
}

function addPackage(fields: G.Object, object: PackageObject, mask: FieldMask): void {
  if (mask.has('object_type')) fields.objectType = 'package'
  if (mask.has('package')) fields.package = protoPackage(object.package)
}

function addValue(
  fields: G.Object,
  object: MoveObject,
  mask: FieldMask,
  types: TypeResolver,
): void {
  if (mask.has('object_type')) fields.objectType = object.type
  if (mask.has('contents')) fields.contents = { name: object.type, value: object.contents }
  if (mask.has('has_public_transfer'))
    fields.hasPublicTransfer = hasAbility(types.resolve(object.type), Ability.store)
  if (mask.has('balance') && currencyOf(object.type) !== undefined)
    fields.balance = coinValue(object)
}

function bytesOf(object: StoredObject, types: TypeResolver): Uint8Array {
  const { version, owner, previousTransaction, storageRebate } = object
  const data =
    object.kind === 'package'
      ? { package: object.package }
      : { type: types.resolveDatatype(object.type), contents: object.contents }
  return objectBytes({ version, owner, previousTransaction, storageRebate, data })
}
