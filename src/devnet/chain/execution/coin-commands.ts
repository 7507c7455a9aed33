import { ExecutionFailure } from '../move/failure.ts'
import { typeName, u64Type } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import { Struct, objectIdOf } from '../move/values.ts'
import type { Value } from '../move/values.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import { currencyOf } from '../objects/object.ts'
import { argumentError } from './argument-error.ts'
import { ArgumentUses, typeOf } from './program-values.ts'
import type { Program, ResultValue } from './program.ts'
import type { Argument, Command } from './transaction.ts'

type SplitCoins = NonNullable<Command['SplitCoins']>
type MergeCoins = NonNullable<Command['MergeCoins']>

const maxAmount = (1n << 64n) - 1n

/** `Balance { value }` of a `Coin { id, balance }`: its fields can be changed. */
function balanceOf(coin: Value): Value[] {
  return ((coin as Struct).fields[1] as Struct).fields
}

function coinType(program: Program, argument: Argument, position: number): MoveType {
  const type = typeOf(program.value(argument, position))
  if (!type || currencyOf(typeName(type)) === undefined)
    throw argumentError(position, { kind: 'TypeMismatch' })
  return type
}

/** A coin as `coin::Coin` lays it out. */
export function makeCoin(id: ObjectId, amount: bigint): Struct {
  return new Struct([new Struct([new Struct([id])]), new Struct([amount])])
}

export function splitCoins(program: Program, { coin, amounts }: SplitCoins): ResultValue[] {
  const uses = new ArgumentUses()
  const type = coinType(program, coin, 0)
  const source = uses.borrow(program.value(coin, 0), type, true, 0)
  return amounts.map((argument, i) => {
    const value = program.value(argument, i + 1)
    const amount = uses.take(value, u64Type, i + 1) as bigint
    const balance = balanceOf(source.get())
    const rest = (balance[0] as bigint) - amount
    if (rest < 0n)
      throw new ExecutionFailure({ kind: 'InsufficientCoinBalance' }, 'InsufficientCoinBalance')
    balance[0] = rest
    return { type, cell: [makeCoin(program.context.runtime.freshId(), amount)] }
  })
}

export function mergeCoins(program: Program, { destination, sources }: MergeCoins): ResultValue[] {
  const uses = new ArgumentUses()
  const type = coinType(program, destination, 0)
  const target = uses.borrow(program.value(destination, 0), type, true, 0)
  sources.forEach((argument, i) => {
    const coin = uses.take(program.value(argument, i + 1), type, i + 1)
    const balance = balanceOf(target.get())
    const sum = (balance[0] as bigint) + (balanceOf(coin)[0] as bigint)
    if (sum > maxAmount)
      throw new ExecutionFailure({ kind: 'CoinBalanceOverflow' }, 'CoinBalanceOverflow')
    balance[0] = sum
    program.context.runtime.deleteId(objectIdOf(coin) as ObjectId)
  })
  return []
}
