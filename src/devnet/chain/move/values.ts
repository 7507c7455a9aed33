/**
 * Values of Move. Integers are bigint, addresses are `0x` and 64 hex digits. Vectors, structs and variants are
 * changed in place through references and therefore copied where Move copies.
 */
export type Value =
  bigint | boolean | string | MoveVector | ByteVector | Struct | Variant | Reference

/** A struct's fields in the order of their declaration. */
export class Struct {
  readonly fields: Value[]

  constructor(fields: Value[]) {
    this.fields = fields
  }
}

/** One variant of an enum. */
export class Variant {
  readonly tag: number
  readonly fields: Value[]

  constructor(tag: number, fields: Value[]) {
    this.tag = tag
    this.fields = fields
  }
}

/** A place that holds a value. */
export interface Reference {
  get(): Value
  set(value: Value): void
}

/** A place in a list: a local, a field, an element. */
export class SlotReference implements Reference {
  readonly #slots: Value[]
  readonly #index: number

  constructor(slots: Value[], index: number) {
    this.#slots = slots
    this.#index = index
  }

  get(): Value {
    return this.#slots[this.#index]!
  }

  set(value: Value): void {
    this.#slots[this.#index] = value
  }
}

/** One byte of a byte vector. */
export class ByteReference implements Reference {
  readonly #vector: ByteVector
  readonly #index: number

  constructor(vector: ByteVector, index: number) {
    this.#vector = vector
    this.#index = index
  }

  get(): Value {
    return this.#vector.at(this.#index)
  }

  set(value: Value): void {
    this.#vector.bytes[this.#index] = Number(value)
  }
}

/** Any vector but `vector<u8>`. */
export class MoveVector {
  readonly items: Value[]

  constructor(items: Value[]) {
    this.items = items
  }

  get length(): number {
    return this.items.length
  }

  at(index: number): Value {
    return this.items[index]!
  }

  referenceAt(index: number): Reference {
    return new SlotReference(this.items, index)
  }

  push(value: Value): void {
    this.items.push(value)
  }

  pop(): Value {
    return this.items.pop()!
  }

  swap(i: number, j: number): void {
    const held = this.items[i]!
    this.items[i] = this.items[j]!
    this.items[j] = held
  }
}

const byteValues = Array.from({ length: 256 }, (_, i) => BigInt(i))

/** A `vector<u8>`, kept as bytes. */
export class ByteVector {
  /** May be longer than the vector. */
  bytes: Uint8Array
  length: number

  /** Keeps the bytes: the caller gives them away. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.length = bytes.length
  }

  /** The content, not copied. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  at(index: number): Value {
    return byteValues[this.bytes[index]!]!
  }

  referenceAt(index: number): Reference {
    return new ByteReference(this, index)
  }

  push(value: Value): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(Math.max(16, 2 * this.length))
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes[this.length++] = Number(value)
  }

  pop(): Value {
    this.length--
    return this.at(this.length)
  }

  swap(i: number, j: number): void {
    const held = this.bytes[i]!
    this.bytes[i] = this.bytes[j]!
    this.bytes[j] = held
  }
}

export type VectorValue = MoveVector | ByteVector

/** A copy that shares nothing with the original. References stay what they are. */
export function copyValue(value: Value): Value {
  if (typeof value !== 'object') return value
  if (value instanceof ByteVector) return new ByteVector(value.view().slice())
  if (value instanceof MoveVector) return new MoveVector(value.items.map(copyValue))
  if (value instanceof Struct) return new Struct(value.fields.map(copyValue))
  if (value instanceof Variant) return new Variant(value.tag, value.fields.map(copyValue))
  return value
}

/** Equality by content; references are compared by what they point to. */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if (a instanceof ByteVector)
    return b instanceof ByteVector && Buffer.compare(a.view(), b.view()) === 0
  if (a instanceof MoveVector) return b instanceof MoveVector && equalLists(a.items, b.items)
  if (a instanceof Struct) return b instanceof Struct && equalLists(a.fields, b.fields)
  if (a instanceof Variant)
    return b instanceof Variant && a.tag === b.tag && equalLists(a.fields, b.fields)
  return equalValues(a.get(), (b as Reference).get())
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => equalValues(value, b[i]!))
}

/** The id of an object: its first field is a `UID { id: ID { bytes } }`. */
export function objectIdOf(value: Value): string {
  const uid = (value as Struct).fields[0] as Struct
  const id = uid.fields[0] as Struct
  return id.fields[0] as string
}
