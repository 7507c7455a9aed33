import type { Assembler, Frame } from '../frame.ts'
import { integerSize } from '../value-codec.ts'
import type { Integer } from '../types.ts'
import { equalValues } from '../values.ts'

function limitOf(integer: string | undefined): bigint {
  return (1n << BigInt(bitsOf(integer))) - 1n
}

function bitsOf(integer: string | undefined): number {
  return 8 * integerSize[integer as Integer]
}

/** An operation that cannot leave the operands' range upwards. */
function plain(operation: (a: bigint, b: bigint) => bigint): Assembler {
  return () => (frame) => {
    const b = frame.popInteger()
    frame.push(operation(frame.popInteger(), b))
  }
}

function bounded(operation: (a: bigint, b: bigint) => bigint): Assembler {
  return ({ integer }) => {
    const limit = limitOf(integer)
    return (frame) => {
      const b = frame.popInteger()
      const result = operation(frame.popInteger(), b)
      if (result > limit) frame.fail('integer overflow')
      frame.push(result)
    }
  }
}

const subtract: Assembler = () => (frame) => {
  const b = frame.popInteger()
  const result = frame.popInteger() - b
  if (result < 0n) frame.fail('integer underflow')
  frame.push(result)
}

function divide(operation: (a: bigint, b: bigint) => bigint): Assembler {
  return () => (frame) => {
    const b = frame.popInteger()
    if (b === 0n) frame.fail('division by zero')
    frame.push(operation(frame.popInteger(), b))
  }
}

function shift(operation: (a: bigint, by: bigint) => bigint): Assembler {
  return ({ integer }) => {
    const bits = BigInt(bitsOf(integer))
    const limit = limitOf(integer)
    return (frame) => {
      const by = frame.popInteger()
      if (by >= bits) frame.fail('shift by too many bits')
      frame.push(operation(frame.popInteger(), by) & limit)
    }
  }
}

function compare(holds: (a: bigint, b: bigint) => boolean): Assembler {
  return () => (frame) => {
    const b = frame.popInteger()
    frame.push(holds(frame.popInteger(), b))
  }
}

function cast(integer: Integer): Assembler {
  const limit = limitOf(integer)
  return () => (frame) => {
    if ((frame.stack.at(-1) as bigint) > limit) frame.fail('integer does not fit')
  }
}

function logic(operation: (a: boolean, b: boolean) => boolean): Assembler {
  return () => (frame) => {
    const b = frame.pop() as boolean
    frame.push(operation(frame.pop() as boolean, b))
  }
}

function equality(wanted: boolean): Assembler {
  return () => (frame) => {
    const b = frame.pop()
    frame.push(equalValues(frame.pop(), b) === wanted)
  }
}

const not: Assembler = () => (frame: Frame) => frame.push(!frame.pop())

/** Instructions that calculate and compare. */
export const arithmetic: Readonly<Record<string, Assembler>> = {
  Add: bounded((a, b) => a + b),
  Sub: subtract,
  Mul: bounded((a, b) => a * b),
  Div: divide((a, b) => a / b),
  Mod: divide((a, b) => a % b),
  BitOr: plain((a, b) => a | b),
  BitAnd: plain((a, b) => a & b),
  Xor: plain((a, b) => a ^ b),
  Shl: shift((a, by) => a << by),
  Shr: shift((a, by) => a >> by),
  Or: logic((a, b) => a || b),
  And: logic((a, b) => a && b),
  Not: not,
  Eq: equality(true),
  Neq: equality(false),
  Lt: compare((a, b) => a < b),
  Gt: compare((a, b) => a > b),
  Le: compare((a, b) => a <= b),
  Ge: compare((a, b) => a >= b),
  CastU8: cast('u8'),
  CastU16: cast('u16'),
  CastU32: cast('u32'),
  CastU64: cast('u64'),
  CastU128: cast('u128'),
  CastU256: cast('u256'),
}
