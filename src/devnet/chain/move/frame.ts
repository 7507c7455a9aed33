import { ExecutionFailure } from './failure.ts'
import type { MoveLocation } from './failure.ts'
import type { MoveFunction } from './module.ts'
import type { MoveType } from './types.ts'
import type { Value } from './values.ts'

/** Runs a function that bytecode calls. */
export interface Caller {
  call(
    called: MoveFunction,
    typeArguments: readonly MoveType[],
    values: readonly Value[],
  ): readonly Value[]
}

/** One call in progress. */
export class Frame {
  readonly code: MoveFunction
  readonly typeArguments: readonly MoveType[]
  /** Parameters, then other locals; holes where nothing is. */
  readonly locals: Value[]
  readonly caller: Caller
  readonly stack: Value[] = []
  /** The next instruction; negative once the function has returned. */
  pc = 0

  constructor(
    code: MoveFunction,
    typeArguments: readonly MoveType[],
    locals: Value[],
    caller: Caller,
  ) {
    this.code = code
    this.typeArguments = typeArguments
    this.locals = locals
    this.caller = caller
  }

  pop(): Value {
    return this.stack.pop()!
  }

  popInteger(): bigint {
    return this.stack.pop() as bigint
  }

  /** The last so many operands, in the order in which they were pushed. */
  take(count: number): Value[] {
    return count === 0 ? [] : this.stack.splice(this.stack.length - count)
  }

  push(value: Value): void {
    this.stack.push(value)
  }

  /** The instruction that is running. */
  location(): MoveLocation {
    return locationIn(this.code, Math.max(0, this.pc - 1))
  }

  abort(code: bigint): never {
    throw abortAt(this.location(), code)
  }

  /** Ends with an error of the machine's own: overflow, a bad index. */
  fail(what: string): never {
    const location = this.location()
    throw new ExecutionFailure(
      { kind: 'MovePrimitiveRuntimeError', location },
      `${what} in ${location.package}::${location.module}::${location.functionName}`,
    )
  }
}

export function locationIn(code: MoveFunction, instruction: number): MoveLocation {
  return {
    package: code.module.package.stored.originalId,
    module: code.module.name,
    function: code.index,
    instruction,
    functionName: code.name,
  }
}

export function abortAt(location: MoveLocation, code: bigint): ExecutionFailure {
  const where = `${location.package}::${location.module}::${location.functionName}`
  return new ExecutionFailure(
    { kind: 'MoveAbort', location, code },
    `MoveAbort with code ${code} in ${where}, instruction ${location.instruction}`,
  )
}

/** One instruction, ready to run: it changes the frame. */
export type Instruction = (frame: Frame) => void

/** What an instruction is made from. */
export interface Site {
  readonly code: MoveFunction
  /** Raw operand where it is one number. */
  readonly operand: number
  /** The integer type on which it calculates. */
  readonly integer: string | undefined
}

/** Makes instructions of one kind. */
export type Assembler = (site: Site) => Instruction
