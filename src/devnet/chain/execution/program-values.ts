import { sameType } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import { SlotReference, copyValue } from '../move/values.ts'
import type { Reference, Value } from '../move/values.ts'
import { Ability, hasAbility } from '../move/types.ts'
import { argumentError } from './argument-error.ts'
import type { InputObject } from './input-object.ts'
import { pureValue } from './pure-values.ts'
import { receivingValue } from './receiving.ts'
import type { ReceivingInput } from './receiving.ts'

/** What an argument of a command can stand for. */
export type ProgramValue =
  | { readonly kind: 'pure'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly input: InputObject; readonly isGas: boolean }
  | { readonly kind: 'receiving'; readonly receiving: ReceivingInput }
  | { readonly kind: 'result'; readonly type: MoveType; readonly cell: Value[] }

/** The type of a value that has one by itself. */
export function typeOf(value: ProgramValue): MoveType | undefined {
  if (value.kind === 'object') return value.input.type
  return value.kind === 'result' ? value.type : undefined
}

/** How one command uses its arguments: what is borrowed cannot be moved, what is changed cannot be shared. */
export class ArgumentUses {
  readonly #uses = new Map<Value[], 'read' | 'write' | 'moved'>()

  /** Takes an argument by value; copies what Move may copy. */
  take(value: ProgramValue, type: MoveType, argument: number): Value {
    if (value.kind === 'pure') return pureValue(value.bytes, type, argument)
    if (value.kind === 'receiving') return receivingValue(value.receiving, type, argument)
    const cell = this.#cellOf(value, type, argument)
    if (value.kind === 'object') checkMove(value, argument)
    if (hasAbility(type, Ability.copy)) return copyValue(cell[0]!)
    if (this.#uses.has(cell)) throw argumentError(argument, { kind: 'InvalidValueUsage' })
    this.#uses.set(cell, 'moved')
    return cell.pop()!
  }

  /** Lends an argument to the command. */
  borrow(value: ProgramValue, type: MoveType, mutable: boolean, argument: number): Reference {
    if (value.kind === 'pure') return new SlotReference([pureValue(value.bytes, type, argument)], 0)
    if (value.kind === 'receiving')
      return new SlotReference([receivingValue(value.receiving, type, argument)], 0)
    const cell = this.#cellOf(value, type, argument)
    if (mutable && value.kind === 'object' && !value.input.mutable)
      throw argumentError(argument, { kind: 'InvalidObjectByMutRef' })
    const earlier = this.#uses.get(cell)
    if (earlier && (mutable || earlier !== 'read'))
      throw argumentError(argument, { kind: 'InvalidValueUsage' })
    this.#uses.set(cell, mutable ? 'write' : 'read')
    return new SlotReference(cell, 0)
  }

  #cellOf(
    value: Extract<ProgramValue, { kind: 'object' | 'result' }>,
    type: MoveType,
    argument: number,
  ): Value[] {
    const cell = value.kind === 'object' ? value.input.cell : value.cell
    if (!sameType(typeOf(value)!, type)) throw argumentError(argument, { kind: 'TypeMismatch' })
    if (cell.length === 0) throw argumentError(argument, { kind: 'InvalidValueUsage' })
    return cell
  }
}

/** The gas coin stays where it is, and what may not change cannot be taken. */
function checkMove(value: Extract<ProgramValue, { kind: 'object' }>, argument: number): void {
  if (value.isGas) throw argumentError(argument, { kind: 'InvalidGasCoinUsage' })
  if (!value.input.mutable) throw argumentError(argument, { kind: 'InvalidObjectByValue' })
}
