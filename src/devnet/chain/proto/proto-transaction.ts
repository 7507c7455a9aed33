import { fromBase64 } from '@mysten/sui/utils'
import type { CallArg, TransactionData } from '../execution/transaction.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { G } from './grpc-types.ts'
import { protoCommand } from './proto-command.ts'

/** A transaction with every field filled in. `bytes` is its BCS, where there is one. */
export function protoTransaction(
  data: TransactionData,
  digest: string | undefined,
  bytes: Uint8Array | undefined,
): G.Transaction {
  const { gasData } = data
  const program = data.kind.ProgrammableTransaction!
  const message: G.Transaction = {
    version: 1,
    kind: {
      kind: G.TransactionKind_Kind.PROGRAMMABLE_TRANSACTION,
      data: {
        oneofKind: 'programmableTransaction',
        programmableTransaction: {
          inputs: program.inputs.map(protoInput),
          commands: program.commands.map(protoCommand),
        },
      },
    },
    sender: data.sender,
    gasPayment: {
      objects: gasData.payment.map(({ objectId, version, digest: of }) => ({
        objectId,
        version: BigInt(version),
        digest: of,
      })),
      owner: gasData.owner,
      price: BigInt(gasData.price),
      budget: BigInt(gasData.budget),
    },
    expiration: protoExpiration(data.expiration),
  }
  if (digest !== undefined) message.digest = digest
  if (bytes) message.bcs = { name: 'TransactionData', value: bytes }
  return message
}

function protoInput(input: CallArg): G.Input {
  const kinds = G.Input_InputKind
  if (input.Pure) return { kind: kinds.PURE, pure: fromBase64(input.Pure.bytes) }
  const { ImmOrOwnedObject: owned, SharedObject: shared, Receiving: receiving } = input.Object ?? {}
  if (shared)
    return {
      kind: kinds.SHARED,
      objectId: shared.objectId,
      version: BigInt(shared.initialSharedVersion),
      mutable: shared.mutable,
    }
  const ref = owned ?? receiving
  if (!ref) throw new RpcFailure(RpcCode.unimplemented, 'withdrawals are not supported')
  const { objectId, digest } = ref
  const kind = owned ? kinds.IMMUTABLE_OR_OWNED : kinds.RECEIVING
  return { kind, objectId, version: BigInt(ref.version), digest }
}

function protoExpiration(expiration: TransactionData['expiration']): G.TransactionExpiration {
  const kinds = G.TransactionExpiration_TransactionExpirationKind
  if (expiration.Epoch !== undefined) return { kind: kinds.EPOCH, epoch: BigInt(expiration.Epoch) }
  const during = expiration.ValidDuring ?? expiration.Validity
  if (!during) return { kind: kinds.NONE }
  const message: G.TransactionExpiration = {
    kind: expiration.ValidDuring ? kinds.VALID_DURING : kinds.VALIDITY,
    chain: during.chain,
    nonce: during.nonce,
  }
  if (during.minEpoch !== null) message.minEpoch = BigInt(during.minEpoch)
  if (during.maxEpoch !== null) message.epoch = BigInt(during.maxEpoch)
  return message
}
