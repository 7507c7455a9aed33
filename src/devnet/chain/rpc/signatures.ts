import { toBase64 } from '@mysten/sui/utils'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { parseObjectId } from '../../../terms/object-id.ts'
import type { Transaction } from '../execution/transaction.ts'
import type { G } from '../proto/grpc-types.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'

/** The serialized form of signatures in a request. */
export function signatureBytes(signatures: readonly G.UserSignature[]): Uint8Array[] {
  return signatures.map((signature) => {
    const value = signature.bcs?.value
    if (!value?.length) throw invalid('a signature has no bytes')
    return value
  })
}

/** Checks that the sender and the payer of gas, and nobody else, have signed. Throws INVALID_ARGUMENT in Sui's words. */
export async function checkSignatures(
  { data, bytes }: Transaction,
  signatures: readonly Uint8Array[],
): Promise<void> {
  const signers = [parseObjectId(data.sender), parseObjectId(data.gasData.owner)]
  const wanted = new Set<string>(signers)
  if (signatures.length !== wanted.size)
    throw invalid(`Expect ${wanted.size} signer signatures but got ${signatures.length}`)
  for (const signature of signatures) {
    let address: string
    try {
      const key = await verifyTransactionSignature(bytes, toBase64(signature))
      address = key.toSuiAddress()
    } catch (error) {
      throw invalid((error as Error).message)
    }
    if (!wanted.delete(address))
      throw invalid(
        `Value was not signed by the correct sender: Signer ${address} is not among ${signers.join(', ')}`,
      )
  }
}

function invalid(why: string): RpcFailure {
  return new RpcFailure(
    RpcCode.invalidArgument,
    `Invalid user signature: Signature is not valid: ${why}`,
  )
}
