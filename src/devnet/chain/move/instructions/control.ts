import type { Assembler, Frame } from '../frame.ts'
import type { MoveFunction } from '../module.ts'
import { substitute } from '../types.ts'
import type { MoveType } from '../types.ts'
import type { Variant } from '../values.ts'

const none: readonly MoveType[] = []

const ret: Assembler = () => (frame) => {
  frame.pc = -1
}

const branch: Assembler =
  ({ operand }) =>
  (frame) => {
    frame.pc = operand
  }

function branchWhen(wanted: boolean): Assembler {
  return ({ operand }) =>
    (frame) => {
      if (frame.pop() === wanted) frame.pc = operand
    }
}

const abort: Assembler = () => (frame) => frame.abort(frame.popInteger())

const variantSwitch: Assembler = ({ code, operand }) => {
  const targets = code.code!.jump_tables[operand]!.jump_table.Full
  return (frame) => {
    const reference = frame.pop() as { get(): unknown }
    frame.pc = targets[(reference.get() as Variant).tag]!
  }
}

function invoke(frame: Frame, called: MoveFunction, typeArguments: readonly MoveType[]): void {
  const values = frame.take(called.parameters.length)
  for (const value of frame.caller.call(called, typeArguments, values)) frame.push(value)
}

const call: Assembler = ({ code, operand }) => {
  const called = code.module.functionAt(operand)
  return (frame) => invoke(frame, called, none)
}

const callGeneric: Assembler = ({ code, operand }) => {
  const { handle, type_parameters } = code.module.compiled.function_instantiations[operand]!
  const called = code.module.functionAt(handle)
  const declared = code.module.signature(type_parameters)
  const filled = new WeakMap<readonly MoveType[], readonly MoveType[]>()
  return (frame) => {
    let typeArguments = filled.get(frame.typeArguments)
    if (!typeArguments) {
      typeArguments = declared.map((type) => substitute(type, frame.typeArguments))
      filled.set(frame.typeArguments, typeArguments)
    }
    invoke(frame, called, typeArguments)
  }
}

/** Instructions that decide what runs next. */
export const control: Readonly<Record<string, Assembler>> = {
  Ret: ret,
  Branch: branch,
  BrTrue: branchWhen(true),
  BrFalse: branchWhen(false),
  VariantSwitch: variantSwitch,
  Abort: abort,
  Call: call,
  CallGeneric: callGeneric,
  Nop: () => () => {},
}
