import { coinWithBalance, type Transaction } from '@mysten/sui/transactions'
import { blobIdToU256 } from '../../terms/blob-id.ts'
import type { EncodedBlob } from '../blob-store.ts'
import type { SpacePurchase } from '../spare-storage.ts'
import type { WalrusChain } from './walrus-chain.ts'

const redStuff = 1

type Result = ReturnType<Transaction['moveCall']>

/**
 * Adds the commands that register a blob on spare storage: what is too large of it is split off, what it lacks at the end is
 * bought and fused to it (walrus::storage_resource, walrus::system). Gives the blob, and what was split off.
 */
export async function registerOnSpare(
  transaction: Transaction,
  { blobId, rootHash, bytes, permanent }: EncodedBlob,
  purchase: SpacePurchase,
  chain: WalrusChain,
  signal: AbortSignal,
): Promise<Result[]> {
  const { spare, takenBytes, fromEpoch, untilEpoch, cost } = purchase
  const { id, package_id } = await chain.walrus.systemObject()
  const walType = await chain.walType(signal)
  const { pure } = transaction
  const call = (target: string, args: Parameters<Transaction['moveCall']>[0]['arguments']) =>
    transaction.moveCall({ target: `${package_id}::${target}`, arguments: args! })
  const system = transaction.object(id)
  const storage = transaction.object(spare!.objectId)
  const payment = transaction.add(coinWithBalance({ balance: cost, type: walType }))
  const made: Result[] = []
  if (takenBytes < spare!.bytes) {
    made.push(call('storage_resource::split_by_size', [storage, pure.u64(takenBytes)]))
  }
  if (fromEpoch < untilEpoch) {
    const more = [pure.u64(takenBytes), pure.u32(fromEpoch), pure.u32(untilEpoch), payment]
    const bought = call('system::reserve_space_for_epochs', [system, ...more])
    call('storage_resource::fuse_periods', [storage, bought])
  }
  made.push(
    call('system::register_blob', [
      system,
      storage,
      pure.u256(blobIdToU256(blobId)),
      pure.u256(u256Of(rootHash)),
      pure.u64(bytes),
      pure.u8(redStuff),
      pure.bool(permanent !== true),
      payment,
    ]),
  )
  transaction.moveCall({
    target: '0x2::coin::destroy_zero',
    typeArguments: [walType],
    arguments: [payment],
  })
  return made
}

/** Of little-endian bytes. */
function u256Of(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
