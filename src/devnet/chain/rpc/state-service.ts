import { normalizeStructTag } from '@mysten/sui/utils'
import type { ChainState } from '../chain-state.ts'
import { ByteReader } from '../move/byte-writer.ts'
import { readValue } from '../move/value-codec.ts'
import { typeName } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import type { MoveObject, StoredObject } from '../objects/object.ts'
import { coinTypeOf, coinValue, currencyOf, suiType } from '../objects/object.ts'
import { FieldMask, defaultMask } from '../proto/field-mask.ts'
import { G } from '../proto/grpc-types.ts'
import { protoObject } from '../proto/proto-object.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { coinInfo } from './coin-info.ts'
import type { Currency } from './coin-info.ts'
import { unary } from './methods.ts'
import type { MethodTable } from './methods.ts'
import { pageOf } from './paging.ts'
import { requestedId } from './reads.ts'
import type { Reads } from './reads.ts'

/** `sui.rpc.v2.StateService`. */
export function stateService(
  chain: ChainState,
  reads: Reads,
  currencies: readonly Currency[],
): MethodTable {
  const service = 'sui.rpc.v2.StateService'
  return {
    [`${service}/ListOwnedObjects`]: unary(
      G.ListOwnedObjectsRequest,
      G.ListOwnedObjectsResponse,
      (request) => listOwned(chain, reads, request),
    ),
    [`${service}/GetBalance`]: unary(G.GetBalanceRequest, G.GetBalanceResponse, (request) => ({
      balance: balanceOf(reads, request),
    })),
    [`${service}/ListBalances`]: unary(G.ListBalancesRequest, G.ListBalancesResponse, (request) =>
      listBalances(reads, request),
    ),
    [`${service}/ListDynamicFields`]: unary(
      G.ListDynamicFieldsRequest,
      G.ListDynamicFieldsResponse,
      (request) => listFields(chain, reads, request),
    ),
    [`${service}/GetCoinInfo`]: unary(G.GetCoinInfoRequest, G.GetCoinInfoResponse, (request) =>
      coinInfo(reads, normalType(request.coinType ?? suiType), currencies),
    ),
  }
}

/** A type as a caller wrote it, in full. Throws INVALID_ARGUMENT. */
function normalType(text: string): string {
  try {
    return normalizeStructTag(text)
  } catch {
    throw new RpcFailure(RpcCode.invalidArgument, `invalid type: ${JSON.stringify(text)}`)
  }
}

function isMoveObject(object: StoredObject): object is MoveObject {
  return object.kind === 'object'
}

function listOwned(
  chain: ChainState,
  reads: Reads,
  request: G.ListOwnedObjectsRequest,
): G.ListOwnedObjectsResponse {
  const type = request.objectType === undefined ? undefined : normalType(request.objectType)
  const owned = reads.objects
    .ownedBy(requestedId(request.owner, 'owner'))
    .filter(isMoveObject)
    .filter((object) => type === undefined || fits(object.type, type))
  const mask = FieldMask.of(request.readMask, defaultMask.object)
  const { items, nextPageToken } = pageOf(owned, (object) => object.id, request)
  const objects = items.map((object) => protoObject(object, mask, chain.types))
  return nextPageToken ? { objects, nextPageToken } : { objects }
}

/** A wanted type without arguments fits whatever they are. */
function fits(type: string, wanted: string): boolean {
  return type === wanted || type.startsWith(`${wanted}<`)
}

function coinBalance(coinType: string, coins: readonly MoveObject[]): G.Balance {
  const balance = coins.reduce((sum, coin) => sum + coinValue(coin), 0n)
  return { coinType, balance, coinBalance: balance, addressBalance: 0n }
}

function balanceOf(reads: Reads, request: G.GetBalanceRequest): G.Balance {
  const currency = normalType(request.coinType ?? suiType)
  const type = coinTypeOf(currency)
  const owned = reads.objects.ownedBy(requestedId(request.owner, 'owner')).filter(isMoveObject)
  return coinBalance(
    currency,
    owned.filter((object) => object.type === type),
  )
}

function listBalances(reads: Reads, request: G.ListBalancesRequest): G.ListBalancesResponse {
  const coins = new Map<string, MoveObject[]>()
  for (const object of reads.objects.ownedBy(requestedId(request.owner, 'owner'))) {
    const currency = isMoveObject(object) ? currencyOf(object.type) : undefined
    if (currency !== undefined)
      coins.set(currency, [...(coins.get(currency) ?? []), object as MoveObject])
  }
  const all = [...coins].sort(([a], [b]) => (a < b ? -1 : 1))
  const { items, nextPageToken } = pageOf(all, ([currency]) => currency, request)
  const balances = items.map(([currency, owned]) => coinBalance(currency, owned))
  return nextPageToken ? { balances, nextPageToken } : { balances }
}

function listFields(
  chain: ChainState,
  reads: Reads,
  request: G.ListDynamicFieldsRequest,
): G.ListDynamicFieldsResponse {
  const parent = requestedId(request.parent, 'parent')
  const children = reads.objects.childrenOf(parent).filter(isMoveObject)
  const mask = FieldMask.of(request.readMask, ['parent', 'field_id'])
  const { items, nextPageToken } = pageOf(children, (object) => object.id, request)
  const dynamicFields = items.map((object) => protoField(chain, reads, parent, object, mask))
  return nextPageToken ? { dynamicFields, nextPageToken } : { dynamicFields }
}

/** The parts of a `Field<Name, Value> { id, name, value }`. */
interface FieldParts {
  readonly nameType: MoveType
  readonly name: Uint8Array
  readonly valueType: MoveType
  readonly value: Uint8Array
}

function fieldParts(chain: ChainState, field: MoveObject): FieldParts {
  const [nameType, valueType] = chain.types.resolveDatatype(field.type).typeArguments
  const reader = new ByteReader(field.contents)
  reader.address()
  readValue(reader, nameType!)
  return {
    nameType: nameType!,
    name: field.contents.subarray(32, reader.offset),
    valueType: valueType!,
    value: field.contents.subarray(reader.offset),
  }
}

function protoField(
  chain: ChainState,
  reads: Reads,
  parent: string,
  field: MoveObject,
  mask: FieldMask,
): G.DynamicField {
  const parts = fieldParts(chain, field)
  const { nameType, name, valueType, value } = parts
  const kind = G.DynamicField_DynamicFieldKind.FIELD
  const described: G.DynamicField = { kind, parent, fieldId: field.id }
  if (mask.has('name')) described.name = { name: typeName(nameType), value: name }
  if (mask.has('value')) described.value = { name: typeName(valueType), value }
  if (mask.has('value_type')) described.valueType = typeName(valueType)
  if (mask.has('field_object'))
    described.fieldObject = protoObject(field, mask.within('field_object'), chain.types)
  const named = wrappedName(nameType)
  if (named) addChild(chain, reads, described, { ...parts, nameType: named }, mask)
  return described
}

/** The name of an object that hangs there: `dynamic_object_field` wraps it. */
function wrappedName(nameType: MoveType): MoveType | undefined {
  if (nameType.kind !== 'datatype' || nameType.datatype.name !== 'Wrapper') return undefined
  return nameType.datatype.module === 'dynamic_object_field' ? nameType.typeArguments[0] : undefined
}

/** Under a wrapped name the value is the id of an object. */
function addChild(
  chain: ChainState,
  reads: Reads,
  described: G.DynamicField,
  { nameType, name, value }: FieldParts,
  mask: FieldMask,
): void {
  const childId = requestedId(Buffer.from(value).toString('hex'), 'child_id')
  described.kind = G.DynamicField_DynamicFieldKind.OBJECT
  described.childId = childId
  if (mask.has('name')) described.name = { name: typeName(nameType), value: name }
  const child = reads.objects.get(childId)
  if (child?.kind !== 'object') return
  if (mask.has('value_type')) described.valueType = child.type
  if (mask.has('child_object'))
    described.childObject = protoObject(child, mask.within('child_object'), chain.types)
}
