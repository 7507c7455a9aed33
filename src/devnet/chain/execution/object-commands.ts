import type { ObjectId } from '../../../terms/object-id.ts'
import { ExecutionFailure } from '../move/failure.ts'
import { LinkError } from '../move/link-error.ts'
import { Ability, addressType, hasAbility } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import { ByteVector, MoveVector } from '../move/values.ts'
import type { Value } from '../move/values.ts'
import { argumentError } from './argument-error.ts'
import { ArgumentUses, typeOf } from './program-values.ts'
import type { Program, ResultValue } from './program.ts'
import type { Argument, Command } from './transaction.ts'

type TransferObjects = NonNullable<Command['TransferObjects']>
type MakeMoveVec = NonNullable<Command['MakeMoveVec']>

export function transferObjects(
  program: Program,
  { objects, address }: TransferObjects,
): ResultValue[] {
  const uses = new ArgumentUses()
  const last = objects.length
  const recipient = uses.take(program.value(address, last), addressType, last) as ObjectId
  objects.forEach((argument, i) => {
    const type = objectTypeOf(program, argument, i)
    const value = takeObject(program, uses, argument, type, i)
    program.context.runtime.place(type, value, { kind: 'address', address: recipient })
  })
  return []
}

/** Only transferring takes the gas coin; it stays to pay. */
function takeObject(
  program: Program,
  uses: ArgumentUses,
  argument: Argument,
  type: MoveType,
  position: number,
): Value {
  const value = program.value(argument, position)
  if (!program.isGas(argument)) return uses.take(value, type, position)
  return uses.borrow(value, type, true, position).get()
}

function objectTypeOf(program: Program, argument: Argument, position: number): MoveType {
  const type = typeOf(program.value(argument, position))
  if (!type || !hasAbility(type, Ability.key))
    throw argumentError(position, { kind: 'TypeMismatch' })
  if (!hasAbility(type, Ability.store))
    throw new ExecutionFailure({ kind: 'InvalidTransferObject' }, 'InvalidTransferObject')
  return type
}

export function makeMoveVec(program: Program, { type, elements }: MakeMoveVec): ResultValue[] {
  const uses = new ArgumentUses()
  const element = type === null ? firstObjectType(program, elements) : named(program, type)
  const items = elements.map((argument, i) => uses.take(program.value(argument, i), element, i))
  const vector =
    element.kind === 'u8' ? new ByteVector(Uint8Array.from(items, Number)) : new MoveVector(items)
  return [{ type: { kind: 'vector', element }, cell: [vector] }]
}

function firstObjectType(program: Program, elements: readonly Argument[]): MoveType {
  const type = elements[0] && typeOf(program.value(elements[0], 0))
  if (!type || !hasAbility(type, Ability.key)) throw argumentError(0, { kind: 'TypeMismatch' })
  return type
}

function named(program: Program, name: string): MoveType {
  try {
    return program.context.types.resolve(name)
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    throw new ExecutionFailure(
      { kind: 'TypeArgumentError', argument: 0, problem: 'TypeNotFound' },
      `TypeArgumentError { argument_idx: 0, kind: TypeNotFound }`,
    )
  }
}
