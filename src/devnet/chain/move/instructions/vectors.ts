import type { Assembler, Frame, Instruction } from '../frame.ts'
import type { MoveFunction } from '../module.ts'
import { ByteVector, MoveVector } from '../values.ts'
import type { MoveType } from '../types.ts'
import type { Reference, Value, VectorValue } from '../values.ts'

function popVector(frame: Frame): VectorValue {
  return (frame.pop() as Reference).get() as VectorValue
}

/** Elements that are bytes are kept as bytes, whether the code says `u8` or a type parameter that is `u8`. */
function isByte(element: MoveType, frame: Frame): boolean {
  if (element.kind !== 'parameter') return element.kind === 'u8'
  return frame.typeArguments[element.index]?.kind === 'u8'
}

export function packVector(code: MoveFunction, signature: number, count: number): Instruction {
  const element = code.module.signature(signature)[0]!
  return (frame) => {
    const items = frame.take(count)
    frame.push(isByte(element, frame) ? byteVector(items) : new MoveVector(items))
  }
}

function byteVector(items: readonly Value[]): ByteVector {
  return new ByteVector(Uint8Array.from(items, Number))
}

export function unpackVector(count: number): Instruction {
  return (frame) => {
    const vector = frame.pop() as VectorValue
    if (vector.length !== count) frame.fail('a vector of another length')
    for (let i = 0; i < count; i++) frame.push(vector.at(i))
  }
}

const length: Assembler = () => (frame) => frame.push(BigInt(popVector(frame).length))

const borrow: Assembler = () => (frame) => {
  const index = frame.popInteger()
  const vector = popVector(frame)
  if (index >= BigInt(vector.length)) frame.fail('vector index out of bounds')
  frame.push(vector.referenceAt(Number(index)))
}

const pushBack: Assembler = () => (frame) => {
  const value = frame.pop()
  popVector(frame).push(value)
}

const popBack: Assembler = () => (frame) => {
  const vector = popVector(frame)
  if (vector.length === 0) frame.fail('pop from an empty vector')
  frame.push(vector.pop())
}

const swap: Assembler = () => (frame) => {
  const j = frame.popInteger()
  const i = frame.popInteger()
  const vector = popVector(frame)
  const count = BigInt(vector.length)
  if (i >= count || j >= count) frame.fail('vector index out of bounds')
  vector.swap(Number(i), Number(j))
}

/** Instructions on vectors, but those two that carry a count. */
export const vectors: Readonly<Record<string, Assembler>> = {
  VecLen: length,
  VecImmBorrow: borrow,
  VecMutBorrow: borrow,
  VecPushBack: pushBack,
  VecPopBack: popBack,
  VecSwap: swap,
}
