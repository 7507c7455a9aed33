import { parseObjectId } from '../../../terms/object-id.ts'
import { ExecutionFailure } from '../move/failure.ts'
import type { FailureStatus } from '../move/failure.ts'
import { LinkError } from '../move/link-error.ts'
import type { MoveFunction } from '../move/module.ts'
import { hasAbility, substitute } from '../move/types.ts'
import type { DatatypeType, MoveType } from '../move/types.ts'
import { SlotReference, Struct } from '../move/values.ts'
import type { Reference, Value } from '../move/values.ts'
import { byteVector } from '../natives/native-set.ts'
import { ArgumentUses } from './program-values.ts'
import type { Program, ResultValue } from './program.ts'
import type { ObjectRuntime } from './object-runtime.ts'
import type { MoveCall } from './transaction.ts'

export function callMove(program: Program, call: MoveCall): ResultValue[] {
  const { context } = program
  const packageId = parseObjectId(call.package)
  const called = context.linker.link(packageId)?.module(call.module)?.function(call.function)
  if (!called)
    throw fail({ kind: 'FunctionNotFound' }, `no function ${call.module}::${call.function}`)
  checkVisibility(program, called)
  const typeArguments = resolveTypeArguments(program, called, call.typeArguments)
  const types = called.parameters.map((type) => substitute(type, typeArguments))
  context.runtime.currentCall = { packageId, module: call.module }
  const values = bindArguments(program, types, call)
  const returned = context.machine.call(called, typeArguments, values)
  return called.returns.map((type, i) => ({
    type: substitute(type, typeArguments),
    cell: [returned[i]!],
  }))
}

function fail(status: FailureStatus, message: string): ExecutionFailure {
  return new ExecutionFailure(status, `${status.kind}: ${message}`)
}

function checkVisibility(program: Program, called: MoveFunction): void {
  if (!program.context.privileged && called.visibility !== 'public' && !called.isEntry)
    throw fail({ kind: 'NonEntryFunctionInvoked' }, `${called.name} is not public`)
  const index = called.returns.findIndex((type) => type.kind === 'reference')
  if (index >= 0)
    throw fail({ kind: 'InvalidPublicFunctionReturnType', index }, 'it returns a reference')
}

function resolveTypeArguments(
  program: Program,
  called: MoveFunction,
  names: readonly string[],
): readonly MoveType[] {
  if (names.length !== called.typeParameters.length)
    throw fail({ kind: 'TypeArityMismatch' }, `${called.name} has other type parameters`)
  return names.map((name, argument) => {
    let type: MoveType
    try {
      type = program.context.types.resolve(name)
    } catch (error) {
      if (!(error instanceof LinkError)) throw error
      throw fail({ kind: 'TypeArgumentError', argument, problem: 'TypeNotFound' }, name)
    }
    if (hasAbility(type, called.typeParameters[argument]!)) return type
    throw fail({ kind: 'TypeArgumentError', argument, problem: 'ConstraintNotSatisfied' }, name)
  })
}

function bindArguments(program: Program, types: readonly MoveType[], call: MoveCall): Value[] {
  const uses = new ArgumentUses()
  const values: Value[] = []
  let position = 0
  for (const type of types) {
    if (isContext(type)) {
      values.push(contextReference(program.context.runtime))
      continue
    }
    const argument = call.arguments[position]
    if (!argument) throw arityMismatch(call)
    const value = program.value(argument, position)
    if (type.kind === 'reference')
      values.push(uses.borrow(value, type.target, type.mutable, position))
    else values.push(uses.take(value, type, position))
    position++
  }
  if (position !== call.arguments.length) throw arityMismatch(call)
  return values
}

function arityMismatch({ module, function: name }: MoveCall): ExecutionFailure {
  return fail({ kind: 'ArityMismatch' }, `${module}::${name} has another number of parameters`)
}

const framework = `0x${'2'.padStart(64, '0')}`

/** `&TxContext` and `&mut TxContext` are filled in by the chain. */
export function isContext(type: MoveType): boolean {
  if (type.kind !== 'reference' || type.target.kind !== 'datatype') return false
  const { datatype } = type.target as DatatypeType
  return (
    datatype.name === 'TxContext' &&
    datatype.module === 'tx_context' &&
    datatype.originalId === framework
  )
}

/** `TxContext { sender, tx_hash, epoch, epoch_timestamp_ms, ids_created }`. */
export function contextReference(runtime: ObjectRuntime): Reference {
  const context = new Struct([
    runtime.sender,
    byteVector(runtime.transactionDigest.slice()),
    runtime.epoch,
    runtime.epochTimestampMs,
    0n,
  ])
  return new SlotReference([context], 0)
}
