import { bcs } from '@mysten/sui/bcs'
import { blobIdFromU256 } from '../../terms/blob-id.ts'
import { parseObjectId } from '../../terms/object-id.ts'
import { StoreError } from '../blob-store.ts'
import type { OwnedBlob } from '../blob-store.ts'
import type { SpareStorage } from '../spare-storage.ts'

/** `walrus::storage_resource::Storage`. */
const storageLayout = bcs.struct('Storage', {
  id: bcs.Address,
  start_epoch: bcs.u32(),
  end_epoch: bcs.u32(),
  storage_size: bcs.u64(),
})

/** `walrus::blob::Blob` with its storage (contracts/walrus/sources/system/blob.move, storage_resource.move). */
const blobLayout = bcs.struct('Blob', {
  id: bcs.Address,
  registered_epoch: bcs.u32(),
  blob_id: bcs.u256(),
  size: bcs.u64(),
  encoding_type: bcs.u8(),
  certified_epoch: bcs.option(bcs.u32()),
  storage: storageLayout,
  deletable: bcs.bool(),
})

/** `walrus::staking_pool::StakingPool` up to the part of its node info that a client needs; BCS is sequential. */
const poolLayout = bcs.struct('StakingPool', {
  id: bcs.Address,
  state: bcs.enum('PoolState', { Active: null, Withdrawing: bcs.u32(), Withdrawn: null }),
  voting_params: bcs.tuple([bcs.u64(), bcs.u64(), bcs.u64()]),
  name: bcs.string(),
  node_id: bcs.Address,
  network_address: bcs.string(),
  public_key: bcs.byteVector(),
})

/** A blob object's contents. Throws StoreError `rejected` when they are not one. */
export function parseBlobObject(contents: Uint8Array): OwnedBlob {
  try {
    return blobOf(blobLayout.parse(contents))
  } catch (error) {
    throw new StoreError('rejected', 'a blob object that cannot be read', { cause: error })
  }
}

/** A storage object's contents. Throws StoreError `rejected` when they are not one. */
export function parseStorage(contents: Uint8Array): SpareStorage {
  try {
    const { id, start_epoch, end_epoch, storage_size } = storageLayout.parse(contents)
    return {
      objectId: parseObjectId(id),
      bytes: wholeNumber(storage_size),
      startEpoch: start_epoch,
      endEpoch: end_epoch,
    }
  } catch (error) {
    throw new StoreError('rejected', 'a storage object that cannot be read', { cause: error })
  }
}

function blobOf(blob: typeof blobLayout.$inferType): OwnedBlob {
  return {
    blobId: blobIdFromU256(BigInt(blob.blob_id)),
    objectId: parseObjectId(blob.id),
    registeredEpoch: blob.registered_epoch,
    bytes: wholeNumber(blob.size),
    certified: blob.certified_epoch !== null,
    deletable: blob.deletable,
    endEpoch: blob.storage.end_epoch,
  }
}

function wholeNumber(u64: string): number {
  const number = Number(u64)
  if (Number.isSafeInteger(number)) return number
  throw new StoreError('rejected', `a blob of ${u64} bytes`)
}

/** How a storage node is called and reached, from its staking pool's contents; undefined if they cannot be read. */
export function parsePool(
  contents: Uint8Array,
): { readonly name: string; readonly address: string; readonly publicKey: Uint8Array } | undefined {
  try {
    const { name, network_address: address, public_key } = poolLayout.parse(contents)
    return { name, address, publicKey: Uint8Array.from(public_key) }
  } catch {
    return undefined
  }
}
