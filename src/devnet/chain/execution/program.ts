import { ExecutionFailure } from '../move/failure.ts'
import type { GasMeter } from '../move/gas-meter.ts'
import { LinkError } from '../move/link-error.ts'
import type { Linker } from '../move/linker.ts'
import type { Machine } from '../move/machine.ts'
import type { MovePackage } from '../move/package.ts'
import { Ability, hasAbility } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import type { Value } from '../move/values.ts'
import type { TypeResolver } from '../type-resolver.ts'
import { argumentError } from './argument-error.ts'
import { runCommand } from './commands.ts'
import type { InputObject } from './input-object.ts'
import type { ObjectRuntime } from './object-runtime.ts'
import type { ProgramValue } from './program-values.ts'
import type { Argument, ProgrammableTransaction } from './transaction.ts'

/** What a command gave: values with their types. */
export interface ResultValue {
  readonly type: MoveType
  /** Empty once another command has taken it. */
  readonly cell: Value[]
}

/** What commands work with. */
export interface ProgramContext {
  readonly runtime: ObjectRuntime
  readonly machine: Machine
  readonly meter: GasMeter
  readonly linker: Linker
  readonly types: TypeResolver
  /** The chain itself may call private functions. */
  readonly privileged: boolean
  readonly publish: (stored: MovePackage) => void
}

/** A failure with the command in which it happened. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly command: number | undefined
  readonly failure: ExecutionFailure

  constructor(command: number | undefined, failure: ExecutionFailure) {
    super(failure.message, { cause: failure })
    this.command = command
    this.failure = failure
  }
}

/** The commands of a transaction, run one after the other on its inputs. */
export class Program {
  readonly context: ProgramContext
  readonly #program: ProgrammableTransaction
  readonly #inputs: readonly ProgramValue[]
  readonly #gas: InputObject | undefined
  readonly #results: (readonly ResultValue[])[] = []

  constructor(
    program: ProgrammableTransaction,
    inputs: readonly ProgramValue[],
    gas: InputObject | undefined,
    context: ProgramContext,
  ) {
    this.#program = program
    this.#inputs = inputs
    this.#gas = gas
    this.context = context
  }

  /** What each command left, for a trial run's answer. */
  get results(): readonly (readonly ResultValue[])[] {
    return this.#results
  }

  /** Throws a {@link CommandFailure}. */
  run(): void {
    let command: number | undefined = 0
    try {
      for (; command < this.#program.commands.length; command++)
        this.#results.push(runCommand(this, this.#program.commands[command]!))
      command = undefined
      this.#checkLeftovers()
    } catch (error) {
      throw new CommandFailure(command, failureOf(error))
    }
  }

  /** What an argument stands for. `position` is its place in the command. */
  value(argument: Argument, position: number): ProgramValue {
    if (argument.GasCoin !== undefined) return this.#gasValue(position)
    if (argument.Input !== undefined) {
      const input = this.#inputs[argument.Input]
      if (input) return input
      throw argumentError(position, { kind: 'IndexOutOfBounds', index: argument.Input })
    }
    if (argument.Result !== undefined) return this.#onlyResult(argument.Result, position)
    const [command, subresult] = argument.NestedResult!
    return this.#nestedResult(command, subresult, position)
  }

  isGas(argument: Argument): boolean {
    return argument.GasCoin !== undefined
  }

  #gasValue(position: number): ProgramValue {
    if (!this.#gas) throw argumentError(position, { kind: 'InvalidGasCoinUsage' })
    return { kind: 'object', input: this.#gas, isGas: true }
  }

  #onlyResult(command: number, position: number): ProgramValue {
    const results = this.#results[command]
    if (!results) throw argumentError(position, { kind: 'IndexOutOfBounds', index: command })
    if (results.length !== 1)
      throw argumentError(position, { kind: 'InvalidResultArity', index: command })
    return { kind: 'result', ...results[0]! }
  }

  #nestedResult(command: number, subresult: number, position: number): ProgramValue {
    const results = this.#results[command]
    if (!results) throw argumentError(position, { kind: 'IndexOutOfBounds', index: command })
    const result = results[subresult]
    if (result) return { kind: 'result', ...result }
    throw argumentError(position, { kind: 'SecondaryIndexOutOfBounds', index: command, subresult })
  }

  /** Values that nobody took must be such that may be dropped. */
  #checkLeftovers(): void {
    this.#results.forEach((results, result) =>
      results.forEach(({ type, cell }, subresult) => {
        if (cell.length === 0 || hasAbility(type, Ability.drop)) return
        throw new ExecutionFailure(
          { kind: 'UnusedValueWithoutDrop', result, subresult },
          `UnusedValueWithoutDrop { result_idx: ${result}, secondary_idx: ${subresult} }`,
        )
      }),
    )
  }
}

/** Errors of the interpreter itself end the transaction, not the chain. */
function failureOf(error: unknown): ExecutionFailure {
  if (error instanceof ExecutionFailure) return error
  const kind =
    error instanceof LinkError ? 'VMVerificationOrDeserializationError' : 'VMInvariantViolation'
  const message = error instanceof Error ? error.message : String(error)
  return new ExecutionFailure({ kind }, `${kind}: ${message}`)
}
