import type { Bytecode, Operand } from './compiled-module.ts'

/** One instruction of bytecode: the opcode and its operand, if it has one. */
export interface Opcode {
  readonly name: string
  readonly operand: Operand
}

export function opcodeOf(bytecode: Bytecode): Opcode {
  if (typeof bytecode === 'string') return { name: bytecode, operand: 0 }
  const [name, operand] = Object.entries(bytecode)[0]!
  return { name, operand }
}

/** The integer that a load instruction carries; 256-bit ones come as little-endian bytes. */
export function literal(operand: Operand): bigint {
  if (typeof operand === 'object') return fromBytes(operand as readonly number[])
  return BigInt(operand)
}

/** The element signature and the count of a vector instruction. */
export function vectorOperand(operand: Operand): { signature: number; count: number } {
  const [signature, count] = operand as readonly [number, bigint | number]
  return { signature, count: Number(count) }
}

function fromBytes(bytes: readonly number[]): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)
}
