import { parseObjectId } from '../../../terms/object-id.ts'
import { coinValue, refOf, suiCoinType } from '../objects/object.ts'
import type { MoveObject, ObjectRef } from '../objects/object.ts'
import type { Transaction } from '../execution/transaction.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import type { Reads } from './reads.ts'

const maxGasCoins = 256

/** Coins of the payer that cover a budget, the largest first, none of which the transaction uses otherwise. */
export function selectGas(
  reads: Reads,
  { data, program }: Transaction,
  budget: bigint,
): ObjectRef[] {
  const used = new Set(
    program.inputs.map(({ Object: object }) => object?.ImmOrOwnedObject?.objectId),
  )
  const coins = reads.objects
    .ownedBy(parseObjectId(data.gasData.owner))
    .filter((object): object is MoveObject => object.kind === 'object')
    .filter((object) => object.type === suiCoinType && !used.has(object.id))
    .sort((a, b) => (coinValue(a) < coinValue(b) ? 1 : -1))
  const chosen: MoveObject[] = []
  let sum = 0n
  for (const coin of coins.slice(0, maxGasCoins)) {
    if (sum >= budget && chosen.length > 0) break
    chosen.push(coin)
    sum += coinValue(coin)
  }
  if (sum < budget || chosen.length === 0)
    throw new RpcFailure(
      RpcCode.invalidArgument,
      `Unable to perform gas selection due to insufficient SUI balance (in address balance or coins) for account ${data.gasData.owner} to satisfy required budget ${budget}.`,
    )
  return chosen.map(refOf)
}
