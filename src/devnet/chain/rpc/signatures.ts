import { createPublicKey, verify } from 'node:crypto'
import { toBase64 } from '@mysten/sui/utils'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { parseObjectId } from '../../../terms/object-id.ts'
import { blake2b256 } from '../blake2b.ts'
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
    const address = await signerOf(bytes, signature)
    if (!wanted.delete(address))
      throw invalid(
        `Value was not signed by the correct sender: Signer ${address} is not among ${signers.join(', ')}`,
      )
  }
}

const ed25519Flag = 0
/** Flag, signature, public key. */
const ed25519Bytes = 1 + 64 + 32
/** DER in front of the 32 bytes of an Ed25519 public key (RFC 8410). */
const ed25519Der = Buffer.from('302a300506032b6570032100', 'hex')
/** Scope "transaction", version 0, application "Sui". */
const transactionIntent = Uint8Array.of(0, 0, 0)

/** The address whose signature it is. Ed25519 is checked by Node, whose code is many times faster than the SDK's. */
async function signerOf(bytes: Uint8Array, signature: Uint8Array): Promise<string> {
  if (signature[0] === ed25519Flag && signature.length === ed25519Bytes)
    return ed25519Signer(bytes, signature)
  try {
    const key = await verifyTransactionSignature(bytes, toBase64(signature))
    return key.toSuiAddress()
  } catch (error) {
    throw invalid((error as Error).message)
  }
}

function ed25519Signer(bytes: Uint8Array, signature: Uint8Array): string {
  const raw = signature.subarray(65)
  const key = createPublicKey({
    key: Buffer.concat([ed25519Der, raw]),
    format: 'der',
    type: 'spki',
  })
  const message = blake2b256(transactionIntent, bytes)
  if (!verify(null, message, key, signature.subarray(1, 65)))
    throw invalid('Signature is not valid for the provided Transaction')
  return `0x${Buffer.from(blake2b256(Uint8Array.of(ed25519Flag), raw)).toString('hex')}`
}

function invalid(why: string): RpcFailure {
  return new RpcFailure(
    RpcCode.invalidArgument,
    `Invalid user signature: Signature is not valid: ${why}`,
  )
}
