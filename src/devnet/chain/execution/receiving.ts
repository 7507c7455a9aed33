import type { MoveType } from '../move/types.ts'
import { Struct } from '../move/values.ts'
import type { Value } from '../move/values.ts'
import { typeName } from '../move/types.ts'
import { argumentError } from './argument-error.ts'

/** An object that was sent to another object's id and may be taken from there. */
export interface ReceivingInput {
  readonly objectId: string
  readonly version: bigint
}

const receivingPrefix = `0x${'2'.padStart(64, '0')}::transfer::Receiving<`

/** `Receiving { id: ID { bytes }, version }` of whatever type the function asks for. */
export function receivingValue(input: ReceivingInput, type: MoveType, argument: number): Value {
  if (!typeName(type).startsWith(receivingPrefix))
    throw argumentError(argument, { kind: 'TypeMismatch' })
  return new Struct([new Struct([input.objectId]), input.version])
}
