import type { Struct, Value } from '../move/values.ts'
import { coinValue } from '../objects/object.ts'
import type { InputObject } from './input-object.ts'
import type { ObjectWrite, Settlement } from './settlement.ts'

/**
 * The coins that pay for a transaction. The first swallows the others; what the program sees of it is less the
 * budget, which comes back, less the bill, at the end.
 */
export class GasPurse {
  readonly budget: bigint
  /** The gas coin. Undefined for the chain's own transactions. */
  readonly coin: InputObject | undefined
  readonly swallowed: readonly InputObject[]
  readonly #total: bigint

  constructor(coins: readonly InputObject[], budget: bigint) {
    this.budget = budget
    this.coin = coins[0]
    this.swallowed = coins.slice(1)
    this.#total = coins.reduce((sum, { object }) => sum + coinValue(object), 0n)
    for (const { cell } of this.swallowed) cell.length = 0
    if (this.coin) balanceOf(this.coin)[0] = this.#total - budget
  }

  /** Puts the budget back, before the bill is known. */
  refund(): void {
    if (!this.coin) return
    const balance = balanceOf(this.coin)
    balance[0] = (balance[0] as bigint) + this.budget
  }

  /** The settlement of a failure, in which the other coins are swallowed all the same. */
  addSwallowed(settlement: Settlement): Settlement {
    if (!this.coin) return settlement
    const gone = new Set(this.swallowed.map((input) => input.object.id))
    const writes = settlement.writes
      .filter((write) => !gone.has(write.id))
      .map((write) => (this.#isCoin(write) ? withBalance(write, this.#total) : write))
    const removals = this.swallowed.map(({ object }) => ({
      before: object,
      kind: 'deleted' as const,
    }))
    return { writes, removals, created: settlement.created, deleted: gone }
  }

  /** The same settlement after the gas coin has paid. */
  charge(settlement: Settlement, net: bigint): Settlement {
    const writes = settlement.writes.map((write) =>
      this.#isCoin(write) ? withBalance(write, balanceIn(write) - net) : write,
    )
    return { ...settlement, writes }
  }

  #isCoin(write: ObjectWrite): boolean {
    return write.id === this.coin?.object.id
  }
}

/** `Coin { id, balance: Balance { value } }`: the fields of its balance. */
function balanceOf({ cell }: InputObject): Value[] {
  return ((cell[0] as Struct).fields[1] as Struct).fields
}

const amountOffset = 32

function balanceIn({ data }: ObjectWrite): bigint {
  const bytes = 'contents' in data ? Buffer.from(data.contents) : Buffer.alloc(40)
  return bytes.readBigUInt64LE(amountOffset)
}

function withBalance(write: ObjectWrite, amount: bigint): ObjectWrite {
  if (!('contents' in write.data)) return write
  const contents = Buffer.from(write.data.contents)
  contents.writeBigUInt64LE(amount, amountOffset)
  return { ...write, data: { type: write.data.type, contents } }
}
