import { parseObjectId } from '../../../terms/object-id.ts'
import type { ChainState } from '../chain-state.ts'
import type { Transaction } from '../execution/transaction.ts'
import { clockId } from '../genesis.ts'
import { refusedInput } from '../rpc-failure.ts'
import { requestedId } from './reads.ts'

/** Refuses a transaction whose time is over, or has not come. */
export function checkExpiration({ data }: Transaction, chain: ChainState): void {
  const epoch = chain.time.epoch()
  const { expiration } = data
  if (expiration.Epoch !== undefined && BigInt(expiration.Epoch) < epoch) throw expired()
  const during = expiration.ValidDuring ?? expiration.Validity
  if (!during) return
  if (during.chain !== chain.identity.chainId)
    throw refusedInput('Invalid chain id in the transaction expiration')
  if (during.minEpoch !== null && BigInt(during.minEpoch) > epoch) throw expired()
  if (during.maxEpoch !== null && BigInt(during.maxEpoch) < epoch) throw expired()
}

function expired(): Error {
  return refusedInput('Transaction Expired')
}

/** Refuses a transaction that calls a package which is not there. */
export function checkPackages({ program }: Transaction, chain: ChainState): void {
  for (const { MoveCall: call } of program.commands)
    if (call && !chain.linker.link(requestedId(call.package, 'package')))
      throw refusedInput(`Dependent package not found on-chain: ${call.package}`)
}

/** Whether a transaction reads the time. */
export function usesClock({ program }: Transaction): boolean {
  return program.inputs.some(
    ({ Object: object }) =>
      object?.SharedObject && parseObjectId(object.SharedObject.objectId) === clockId,
  )
}
