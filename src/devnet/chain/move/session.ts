import type { ObjectId } from '../../../terms/object-id.ts'
import type { MoveType } from './types.ts'
import type { Reference, Value } from './values.ts'

/** Who owns an object. */
export type Owner =
  | { readonly kind: 'address'; readonly address: ObjectId }
  | { readonly kind: 'object'; readonly parent: ObjectId }
  | { readonly kind: 'shared'; readonly initialVersion: bigint }
  | { readonly kind: 'immutable' }

/** Why a child object could not be had. The numbers are the abort codes of `sui::dynamic_field`. */
export const ChildProblem = { exists: 0n, missing: 1n, otherType: 2n } as const

/** Where a moved object goes. The version at which a shared one begins is not known before the end. */
export type Destination =
  Exclude<Owner, { kind: 'shared' } | { kind: 'object' }> | { kind: 'shared' }

/** What native functions know of the transaction and do to objects. */
export interface Session {
  readonly sender: ObjectId
  readonly sponsor: ObjectId | undefined
  readonly epoch: bigint
  readonly epochTimestampMs: bigint
  readonly referenceGasPrice: bigint
  readonly gasPrice: bigint
  /** A new object id, counted as created. */
  freshId(): ObjectId
  /** An id that was not made by `freshId` belongs to a new object. */
  recordNewId(id: ObjectId): void
  deleteId(id: ObjectId): void
  /** Whether an object may become shared: it is new, or shared already. */
  mayShare(id: ObjectId): boolean
  place(type: MoveType, value: Value, destination: Destination): void
  emit(type: MoveType, value: Value): void
  hasChild(parent: ObjectId, id: ObjectId): boolean
  hasChildOfType(parent: ObjectId, id: ObjectId, type: MoveType): boolean
  /** False when there is one already. */
  addChild(parent: ObjectId, type: MoveType, value: Value): boolean
  /** A problem's abort code instead of the place when there is no such child. */
  borrowChild(parent: ObjectId, id: ObjectId, type: MoveType): Reference | bigint
  removeChild(parent: ObjectId, id: ObjectId, type: MoveType): { readonly value: Value } | bigint
  /** Takes an object that was sent to another object's id. Undefined when there is none of this type. */
  receive(parent: ObjectId, id: ObjectId, version: bigint, type: MoveType): Value | undefined
  /** For `std::debug::print`. */
  print(text: string): void
}
