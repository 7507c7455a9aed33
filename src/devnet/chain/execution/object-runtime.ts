import type { ObjectId } from '../../../terms/object-id.ts'
import { ExecutionFailure } from '../move/failure.ts'
import { decodeValue, encodeValue } from '../move/value-codec.ts'
import { ChildProblem } from '../move/session.ts'
import type { Destination, Session } from '../move/session.ts'
import { sameType, typeName } from '../move/types.ts'
import type { DatatypeType, MoveType } from '../move/types.ts'
import { SlotReference, objectIdOf } from '../move/values.ts'
import type { Reference, Value } from '../move/values.ts'
import { createdObjectId } from '../object-id.ts'
import type { MoveObject, StoredObject } from '../objects/object.ts'
import type { TypeResolver } from '../type-resolver.ts'

/** An event as a transaction emits it. */
export interface EmittedEvent {
  /** The package and module of the call through which the transaction came. */
  readonly packageId: ObjectId
  readonly module: string
  readonly type: DatatypeType
  readonly contents: Uint8Array
}

/** An object that hangs on another, as it is during the transaction. */
export interface ChildObject {
  readonly parent: ObjectId
  readonly type: DatatypeType
  /** Empty once it has been removed. */
  readonly cell: Value[]
}

/** An object that left the hands of the program, and where to. */
export interface PlacedObject {
  readonly type: DatatypeType
  readonly value: Value
  readonly destination: Destination
}

/** The facts of a transaction that natives ask for. */
export type SessionFacts = Pick<
  Session,
  'sender' | 'sponsor' | 'epoch' | 'epochTimestampMs' | 'referenceGasPrice' | 'gasPrice'
>

export interface RuntimeSources {
  readonly digest: Uint8Array
  readonly types: TypeResolver
  readonly load: (id: ObjectId) => StoredObject | undefined
  readonly print: (text: string) => void
}

const maxEvents = 1024
const maxEventBytes = 256_000

/** Objects and events of one transaction while it runs. */
export class ObjectRuntime implements Session {
  readonly sender: ObjectId
  readonly sponsor: ObjectId | undefined
  readonly epoch: bigint
  readonly epochTimestampMs: bigint
  readonly referenceGasPrice: bigint
  readonly gasPrice: bigint
  readonly newIds = new Set<ObjectId>()
  readonly deletedIds = new Set<ObjectId>()
  readonly placed = new Map<ObjectId, PlacedObject>()
  readonly children = new Map<ObjectId, ChildObject>()
  /** Objects as they were stored, of which a value may have moved: children and received ones. */
  readonly origins = new Map<ObjectId, MoveObject>()
  readonly events: EmittedEvent[] = []
  /** The call that runs. */
  currentCall: { readonly packageId: ObjectId; readonly module: string } | undefined
  /** Objects that the transaction may receive. */
  readonly receivable = new Map<ObjectId, MoveObject>()
  /** Inputs that are shared already. */
  readonly sharedInputs = new Set<ObjectId>()
  readonly #sources: RuntimeSources
  #idsMade = 0n

  constructor(facts: SessionFacts, sources: RuntimeSources) {
    this.sender = facts.sender
    this.sponsor = facts.sponsor
    this.epoch = facts.epoch
    this.epochTimestampMs = facts.epochTimestampMs
    this.referenceGasPrice = facts.referenceGasPrice
    this.gasPrice = facts.gasPrice
    this.#sources = sources
  }

  get transactionDigest(): Uint8Array {
    return this.#sources.digest
  }

  /** An id that is not counted as that of a new object: packages. */
  freshAddress(): ObjectId {
    return createdObjectId(this.#sources.digest, this.#idsMade++)
  }

  freshId(): ObjectId {
    const id = this.freshAddress()
    this.newIds.add(id)
    return id
  }

  recordNewId(id: ObjectId): void {
    if (!this.deletedIds.delete(id)) this.newIds.add(id)
  }

  deleteId(id: ObjectId): void {
    if (!this.newIds.delete(id)) this.deletedIds.add(id)
  }

  mayShare(id: ObjectId): boolean {
    return this.newIds.has(id) || this.sharedInputs.has(id)
  }

  place(type: MoveType, value: Value, destination: Destination): void {
    this.placed.set(objectIdOf(value) as ObjectId, { type: objectType(type), value, destination })
  }

  emit(type: MoveType, value: Value): void {
    const contents = encodeValue(type, value)
    if (this.events.length >= maxEvents || contents.length > maxEventBytes)
      throw new ExecutionFailure(
        { kind: 'MovePrimitiveRuntimeError', location: undefined },
        'too many events, or too large ones',
      )
    this.events.push({ ...this.currentCall!, type: objectType(type), contents })
  }

  hasChild(parent: ObjectId, id: ObjectId): boolean {
    return this.#child(parent, id) !== undefined
  }

  hasChildOfType(parent: ObjectId, id: ObjectId, type: MoveType): boolean {
    const child = this.#child(parent, id)
    return child !== undefined && sameType(child.type, type)
  }

  addChild(parent: ObjectId, type: MoveType, value: Value): boolean {
    const id = objectIdOf(value) as ObjectId
    if (this.#child(parent, id)) return false
    this.children.set(id, { parent, type: objectType(type), cell: [value] })
    return true
  }

  borrowChild(parent: ObjectId, id: ObjectId, type: MoveType): Reference | bigint {
    const child = this.#child(parent, id)
    if (!child) return ChildProblem.missing
    if (!sameType(child.type, type)) return ChildProblem.otherType
    return new SlotReference(child.cell, 0)
  }

  removeChild(parent: ObjectId, id: ObjectId, type: MoveType): { value: Value } | bigint {
    const child = this.#child(parent, id)
    if (!child) return ChildProblem.missing
    if (!sameType(child.type, type)) return ChildProblem.otherType
    return { value: child.cell.pop()! }
  }

  receive(parent: ObjectId, id: ObjectId, version: bigint, type: MoveType): Value | undefined {
    const object = this.receivable.get(id)
    const fits =
      object?.version === version &&
      object.owner.kind === 'address' &&
      object.owner.address === parent &&
      object.type === typeName(type)
    if (!fits || this.origins.has(id)) return undefined
    this.origins.set(id, object)
    return decodeValue(type, object.contents)
  }

  print(text: string): void {
    this.#sources.print(text)
  }

  /** A child that is there, loaded when it is first asked for. */
  #child(parent: ObjectId, id: ObjectId): ChildObject | undefined {
    const child = this.children.get(id) ?? this.#loadChild(parent, id)
    return child?.parent === parent && child.cell.length > 0 ? child : undefined
  }

  #loadChild(parent: ObjectId, id: ObjectId): ChildObject | undefined {
    const object = this.#sources.load(id)
    if (object?.kind !== 'object') return undefined
    if (object.owner.kind !== 'object' || object.owner.parent !== parent) return undefined
    const type = this.#sources.types.resolveDatatype(object.type)
    const child = { parent, type, cell: [decodeValue(type, object.contents)] }
    this.children.set(id, child)
    this.origins.set(id, object)
    return child
  }
}

function objectType(type: MoveType): DatatypeType {
  if (type.kind !== 'datatype') throw new TypeError(`${typeName(type)} is no datatype`)
  return type
}
