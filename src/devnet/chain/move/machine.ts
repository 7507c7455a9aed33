import { instructionsOf } from './assemble.ts'
import { ExecutionFailure } from './failure.ts'
import { Frame, abortAt, locationIn } from './frame.ts'
import type { Caller } from './frame.ts'
import type { GasMeter } from './gas-meter.ts'
import type { MoveFunction } from './module.ts'
import type { Session } from './session.ts'
import type { MoveType } from './types.ts'
import type { Value } from './values.ts'

/** What a native function is told beside its arguments. */
export interface NativeCall {
  readonly session: Session
  readonly called: MoveFunction
  readonly typeArguments: readonly MoveType[]
  readonly meter: GasMeter
  /** Ends the transaction with a code. */
  readonly abort: (code: bigint) => never
}

/** A function written in TypeScript. Returns what the Move function returns. */
export type Native = (call: NativeCall, ...values: Value[]) => readonly Value[]

/** Natives by `ORIGINAL_ID::module::name`. */
export type Natives = ReadonlyMap<string, Native>

/** As Move has it (`MAX_CALL_STACK_DEPTH`). */
const maxDepth = 1024
const nativeUnits = 20

/** Executes Move bytecode that a verifier has passed. */
export class Machine implements Caller {
  readonly #natives: Natives
  readonly #session: Session
  readonly #meter: GasMeter
  #depth = 0

  constructor(natives: Natives, session: Session, meter: GasMeter) {
    this.#natives = natives
    this.#session = session
    this.#meter = meter
  }

  /** Runs a function to its end. Throws an {@link ExecutionFailure} when it aborts. */
  call(
    called: MoveFunction,
    typeArguments: readonly MoveType[],
    values: readonly Value[],
  ): readonly Value[] {
    if (!called.code) return this.#callNative(called, typeArguments, values)
    if (this.#depth >= maxDepth)
      throw new ExecutionFailure(
        { kind: 'MovePrimitiveRuntimeError', location: locationIn(called, 0) },
        'calls are nested too deeply',
      )
    this.#depth++
    try {
      return this.#run(new Frame(called, typeArguments, [...values], this))
    } finally {
      this.#depth--
    }
  }

  #run(frame: Frame): readonly Value[] {
    const instructions = instructionsOf(frame.code)
    const meter = this.#meter
    while (frame.pc >= 0) {
      meter.charge(1)
      instructions[frame.pc++]!(frame)
    }
    return frame.stack
  }

  #callNative(
    called: MoveFunction,
    typeArguments: readonly MoveType[],
    values: readonly Value[],
  ): readonly Value[] {
    const name = `${called.module.package.stored.originalId}::${called.module.name}::${called.name}`
    const native = this.#natives.get(name)
    if (!native)
      throw new ExecutionFailure({ kind: 'FeatureNotYetSupported' }, `no native function ${name}`)
    this.#meter.charge(nativeUnits)
    const call: NativeCall = {
      session: this.#session,
      called,
      typeArguments,
      meter: this.#meter,
      abort: (code) => {
        throw abortAt(locationIn(called, 0), code)
      },
    }
    return native(call, ...values)
  }
}
