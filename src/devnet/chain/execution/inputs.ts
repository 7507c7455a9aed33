import { fromBase64 } from '@mysten/sui/utils'
import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import { decodeValue } from '../move/value-codec.ts'
import type { MoveObject, ObjectRef, StoredObject } from '../objects/object.ts'
import { coinValue, suiCoinType } from '../objects/object.ts'
import { RpcCode, RpcFailure, refusedInput } from '../rpc-failure.ts'
import type { TypeResolver } from '../type-resolver.ts'
import type { GasRules } from './gas.ts'
import type { InputObject } from './input-object.ts'
import type { ProgramValue } from './program-values.ts'
import type { CallArg, TransactionData } from './transaction.ts'

export interface InputSources {
  readonly load: (id: ObjectId) => StoredObject | undefined
  readonly types: TypeResolver
  /** Do not ask who owns what: a trial run without checks. */
  readonly trusting?: boolean
}

/** Everything that a transaction names, found and allowed. */
export interface TransactionInputs {
  readonly values: readonly ProgramValue[]
  readonly objects: readonly InputObject[]
  /** Coins that pay, the first of which is the gas coin. */
  readonly gas: readonly InputObject[]
  readonly receivable: readonly MoveObject[]
}

/**
 * Finds the objects that a transaction names and checks that its signer may use them as it says. Throws an
 * {@link RpcFailure} in Sui's words: such a transaction is not executed at all.
 */
export function loadInputs(data: TransactionData, sources: InputSources): TransactionInputs {
  const sender = parseObjectId(data.sender)
  const gas = data.gasData.payment.map((ref) => gasInput(data, ref, sources))
  const receivable: MoveObject[] = []
  const objects: InputObject[] = []
  const values = data.kind.ProgrammableTransaction!.inputs.map((input) => {
    const value = inputValue(input, sender, sources, receivable)
    if (value.kind === 'object') objects.push(value.input)
    return value
  })
  checkDistinct([...gas, ...objects], receivable)
  return { values, objects, gas, receivable }
}

function inputValue(
  input: CallArg,
  sender: ObjectId,
  sources: InputSources,
  receivable: MoveObject[],
): ProgramValue {
  if (input.Pure) return { kind: 'pure', bytes: fromBase64(input.Pure.bytes) }
  if (!input.Object)
    throw refusedInput('Feature is not supported: withdrawals from address balances')
  const { ImmOrOwnedObject: owned, SharedObject: shared, Receiving: receiving } = input.Object
  if (owned) return { kind: 'object', isGas: false, input: ownedInput(owned, sender, sources) }
  if (shared) return { kind: 'object', isGas: false, input: sharedInput(shared, sources) }
  const object = referenced(receiving!, sources)
  receivable.push(object)
  return { kind: 'receiving', receiving: { objectId: object.id, version: object.version } }
}

function ownedInput(ref: ObjectRef, sender: ObjectId, sources: InputSources): InputObject {
  const object = referenced(ref, sources)
  if (!sources.trusting) checkOwner(object, sender)
  return inputOf(object, object.owner.kind === 'address', sources)
}

function sharedInput(
  ref: { objectId: string; initialSharedVersion: string; mutable: boolean },
  sources: InputSources,
): InputObject {
  const object = found(parseObjectId(ref.objectId), sources)
  if (object.owner.kind !== 'shared')
    throw refusedInput(`Object ${object.id} used as shared is not shared.`)
  if (object.owner.initialVersion !== BigInt(ref.initialSharedVersion))
    throw refusedInput('The shared object start version does not match')
  return inputOf(object, ref.mutable, sources)
}

function gasInput(data: TransactionData, ref: ObjectRef, sources: InputSources): InputObject {
  const object = referenced(ref, sources)
  checkOwner(object, parseObjectId(data.gasData.owner))
  if (object.owner.kind !== 'address' || object.type !== suiCoinType)
    throw refusedInput(`Gas object is not an owned object with owner: ${object.owner.kind}`)
  return inputOf(object, true, sources)
}

/** An object in exactly the version that the transaction names. */
function referenced(ref: ObjectRef, sources: InputSources): MoveObject {
  const object = found(parseObjectId(ref.objectId), sources)
  if (object.version !== BigInt(ref.version))
    throw refusedInput(
      `Transaction needs to be rebuilt because object ${object.id} version ${hex(ref.version)} is unavailable for consumption, current version: ${hex(object.version)}`,
    )
  if (object.digest !== ref.digest)
    throw refusedInput(
      `Invalid Object digest for object ${object.id}. Expected digest : ${object.digest}`,
    )
  return object
}

function hex(version: bigint | string): string {
  return `0x${BigInt(version).toString(16)}`
}

function found(id: ObjectId, sources: InputSources): MoveObject {
  const object = sources.load(id)
  if (!object)
    throw new RpcFailure(
      RpcCode.notFound,
      `Error checking transaction input objects: Could not find the referenced object ${id} at version None`,
    )
  if (object.kind === 'package')
    throw refusedInput(`Move package ${id} is passed as argument, a Move object is expected`)
  return object
}

function checkOwner({ id, owner }: MoveObject, signer: ObjectId): void {
  if (owner.kind === 'address' && owner.address !== signer)
    throw refusedInput(
      `Transaction was not signed by the correct sender: Object ${id} is owned by account address ${owner.address}, but given owner/signer address is ${signer}`,
    )
  if (owner.kind === 'object')
    throw refusedInput(
      `Object ${id} is owned by object ${owner.parent}. Objects owned by other objects cannot be used as input arguments`,
    )
  if (owner.kind === 'shared') throw refusedInput(`Shared object ${id} used as an owned object.`)
}

function inputOf(object: MoveObject, mutable: boolean, { types }: InputSources): InputObject {
  const type = types.resolveDatatype(object.type)
  return { object, type, cell: [decodeValue(type, object.contents)], mutable }
}

function checkDistinct(objects: readonly InputObject[], receivable: readonly MoveObject[]): void {
  const seen = new Set<ObjectId>()
  for (const { id } of [...objects.map((input) => input.object), ...receivable]) {
    if (seen.has(id))
      throw refusedInput(`Mutable object ${id} cannot appear more than one in one transaction.`)
    seen.add(id)
  }
}

/** Whether price, budget and coins are such that the transaction can pay. */
export function checkGas(
  data: TransactionData,
  gas: readonly InputObject[],
  rules: GasRules,
): void {
  const price = BigInt(data.gasData.price)
  const budget = BigInt(data.gasData.budget)
  if (price < rules.price)
    throw refusedInput(`Gas price ${price} under reference gas price (RGP) ${rules.price}`)
  if (budget > rules.maxBudget)
    throw refusedInput(`Gas budget: ${budget} is higher than max: ${rules.maxBudget}.`)
  if (budget < price * rules.minUnits)
    throw refusedInput(`Gas budget: ${budget} is lower than min: ${price * rules.minUnits}.`)
  if (gas.length === 0) throw refusedInput('Transaction gas payment missing.')
  const balance = gas.reduce((sum, { object }) => sum + coinValue(object), 0n)
  if (balance < budget)
    throw refusedInput(
      `Balance of gas object ${balance} is lower than the needed amount: ${budget}.`,
    )
}
