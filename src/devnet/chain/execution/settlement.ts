import type { ObjectId } from '../../../terms/object-id.ts'
import { ExecutionFailure } from '../move/failure.ts'
import type { MovePackage } from '../move/package.ts'
import type { Destination, Owner } from '../move/session.ts'
import { encodeValue } from '../move/value-codec.ts'
import type { DatatypeType } from '../move/types.ts'
import type { Value } from '../move/values.ts'
import type { MoveObject } from '../objects/object.ts'
import type { InputObject } from './input-object.ts'
import type { ObjectRuntime } from './object-runtime.ts'

/** An object to be stored, before it is known what it costs. */
export interface ObjectWrite {
  readonly id: ObjectId
  readonly owner: Owner
  readonly data:
    | { readonly type: DatatypeType; readonly contents: Uint8Array }
    | { readonly package: MovePackage }
  /** The version that it replaces. */
  readonly before: MoveObject | undefined
}

/** An object that is no longer stored by itself. */
export interface ObjectRemoval {
  readonly before: MoveObject
  readonly kind: 'deleted' | 'wrapped'
}

/** What a transaction leaves behind. */
export interface Settlement {
  readonly writes: readonly ObjectWrite[]
  readonly removals: readonly ObjectRemoval[]
  readonly created: ReadonlySet<ObjectId>
  readonly deleted: ReadonlySet<ObjectId>
}

/** The largest object in bytes (protocol config, `max_move_object_size`). */
const maxObjectBytes = 256_000

/** Finds out what became of every object that a program had in its hands. Throws an {@link ExecutionFailure}. */
export function settle(
  runtime: ObjectRuntime,
  inputs: readonly InputObject[],
  packages: readonly MovePackage[],
  lamport: bigint,
): Settlement {
  const before = origins(runtime, inputs)
  const writes: ObjectWrite[] = packages.map((stored) => ({
    id: stored.id,
    owner: { kind: 'immutable' },
    data: { package: stored },
    before: undefined,
  }))
  for (const [id, { type, value, destination }] of runtime.placed)
    writes.push(
      objectWrite(id, type, value, ownerOf(destination, before.get(id), lamport), before.get(id)),
    )
  for (const write of changedChildren(runtime, before)) writes.push(write)
  for (const { object, type, cell, mutable } of inputs)
    if (mutable && cell.length > 0 && !runtime.placed.has(object.id))
      writes.push(objectWrite(object.id, type, cell[0]!, object.owner, object))
  const removals = removed(runtime, before, inputs, new Set(writes.map((write) => write.id)))
  return { writes, removals, created: createdIds(runtime, packages), deleted: runtime.deletedIds }
}

/** What is left when a transaction fails: its mutable inputs as they were, in a new version. */
export function settleFailure(inputs: readonly InputObject[]): Settlement {
  const writes = inputs
    .filter((input) => input.mutable)
    .map(({ object, type }) => ({
      id: object.id,
      owner: object.owner,
      data: { type, contents: object.contents },
      before: object,
    }))
  return { writes, removals: [], created: new Set(), deleted: new Set() }
}

function createdIds(runtime: ObjectRuntime, packages: readonly MovePackage[]): Set<ObjectId> {
  return new Set([...runtime.newIds, ...packages.map((stored) => stored.id)])
}

function origins(
  runtime: ObjectRuntime,
  inputs: readonly InputObject[],
): ReadonlyMap<ObjectId, MoveObject> {
  const before = new Map(runtime.origins)
  for (const { object } of inputs) before.set(object.id, object)
  return before
}

function objectWrite(
  id: ObjectId,
  type: DatatypeType,
  value: Value,
  owner: Owner,
  before: MoveObject | undefined,
): ObjectWrite {
  const contents = encodeValue(type, value)
  if (contents.length > maxObjectBytes)
    throw new ExecutionFailure(
      { kind: 'MoveObjectTooBig', size: contents.length, limit: maxObjectBytes },
      `Move object with size ${contents.length} is larger than the maximum object size ${maxObjectBytes}`,
    )
  return { id, owner, data: { type, contents }, before }
}

/** A shared object keeps the version at which it became shared, and can become nothing else. */
function ownerOf(destination: Destination, before: MoveObject | undefined, lamport: bigint): Owner {
  const wasShared = before?.owner.kind === 'shared'
  if (wasShared && destination.kind !== 'shared') refuseShared()
  if (destination.kind !== 'shared') return destination
  return wasShared ? before.owner : { kind: 'shared', initialVersion: lamport }
}

function* changedChildren(
  runtime: ObjectRuntime,
  before: ReadonlyMap<ObjectId, MoveObject>,
): Iterable<ObjectWrite> {
  for (const [id, { parent, type, cell }] of runtime.children) {
    if (cell.length === 0) continue
    const origin = before.get(id)
    const write = objectWrite(id, type, cell[0]!, { kind: 'object', parent }, origin)
    if (!origin || !isSame(origin, parent, write)) yield write
  }
}

function isSame(origin: MoveObject, parent: ObjectId, { data }: ObjectWrite): boolean {
  return (
    origin.owner.kind === 'object' &&
    origin.owner.parent === parent &&
    'contents' in data &&
    Buffer.compare(origin.contents, data.contents) === 0
  )
}

/** Objects that were taken out of their place and are in no other: deleted, or wrapped in another. */
function removed(
  runtime: ObjectRuntime,
  before: ReadonlyMap<ObjectId, MoveObject>,
  inputs: readonly InputObject[],
  written: ReadonlySet<ObjectId>,
): ObjectRemoval[] {
  const untouched = new Set(
    inputs.filter((input) => input.cell.length > 0).map((input) => input.object.id),
  )
  for (const [id, { cell }] of runtime.children) if (cell.length > 0) untouched.add(id)
  const removals: ObjectRemoval[] = []
  for (const [id, object] of before) {
    if (written.has(id) || untouched.has(id)) continue
    const kind = runtime.deletedIds.has(id) ? 'deleted' : 'wrapped'
    if (kind === 'wrapped' && object.owner.kind === 'shared') refuseShared()
    removals.push({ before: object, kind })
  }
  return removals
}

function refuseShared(): never {
  throw new ExecutionFailure(
    { kind: 'SharedObjectOperationNotAllowed' },
    'The shared object operation is not allowed.',
  )
}
