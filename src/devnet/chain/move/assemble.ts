import type { Assembler, Instruction } from './frame.ts'
import { arithmetic } from './instructions/arithmetic.ts'
import { control } from './instructions/control.ts'
import { data } from './instructions/data.ts'
import { packVector, unpackVector, vectors } from './instructions/vectors.ts'
import type { MoveFunction } from './module.ts'
import { literal, opcodeOf, vectorOperand } from './opcode.ts'
import { integerOperands } from './operand-types.ts'
import type { Integer } from './types.ts'

const assemblers: Readonly<Record<string, Assembler>> = {
  ...arithmetic,
  ...control,
  ...data,
  ...vectors,
}

const assembled = new WeakMap<MoveFunction, readonly Instruction[]>()

/** The instructions of a function, made when it first runs. Throws a LinkError when it names what is not there. */
export function instructionsOf(code: MoveFunction): readonly Instruction[] {
  let instructions = assembled.get(code)
  if (!instructions) {
    const integers = integerOperands(code)
    instructions = code.code!.code.map((_, pc) => assembleAt(code, pc, integers[pc]))
    assembled.set(code, instructions)
  }
  return instructions
}

function assembleAt(code: MoveFunction, pc: number, integer: Integer | undefined): Instruction {
  const { name, operand } = opcodeOf(code.code!.code[pc]!)
  if (name.startsWith('LdU')) {
    const value = literal(operand)
    return (frame) => frame.push(value)
  }
  if (typeof operand === 'object') {
    const { signature, count } = vectorOperand(operand)
    return name === 'VecPack' ? packVector(code, signature, count) : unpackVector(count)
  }
  const assemble = assemblers[name]
  if (!assemble) throw new TypeError(`unknown instruction ${name}`)
  return assemble({ code, operand: Number(operand), integer })
}
