import { toBase64 } from '@mysten/sui/utils'
import type { ChainState } from '../chain-state.ts'
import { maxGasBudget, referenceGasPrice } from '../execution/gas.ts'
import { makeTransaction, readTransaction } from '../execution/transaction.ts'
import type {
  CallArg,
  ProgrammableTransaction,
  Transaction,
  TransactionData,
} from '../execution/transaction.ts'
import { refOf } from '../objects/object.ts'
import type { StoredObject } from '../objects/object.ts'
import { G } from '../proto/grpc-types.ts'
import { readCommand } from '../proto/proto-command.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { inputUse } from './input-use.ts'
import type { InputUse } from './input-use.ts'
import { requestedId } from './reads.ts'
import type { Reads } from './reads.ts'

/** A transaction of a trial run, and what its sender left to the full node. */
export interface ResolvedTransaction {
  readonly transaction: Transaction
  readonly lacksBudget: boolean
  readonly lacksPayment: boolean
}

/** Completes a transaction that names its objects by id alone. Throws an {@link RpcFailure}. */
export function resolveTransaction(
  chain: ChainState,
  reads: Reads,
  message: G.Transaction | undefined,
): ResolvedTransaction {
  if (message?.bcs?.value?.length) return resolvedBytes(readTransaction(message.bcs.value))
  const kind = message?.kind?.data
  if (kind?.oneofKind !== 'programmableTransaction')
    throw new RpcFailure(RpcCode.invalidArgument, 'only programmable transactions are accepted')
  const { inputs, commands } = kind.programmableTransaction
  const program: ProgrammableTransaction = { inputs: [], commands: commands.map(readCommand) }
  const sender = requestedId(message!.sender, 'sender')
  program.inputs = inputs.map((input, i) =>
    readInput(input, reads, () => inputUse(chain.linker, program, i)),
  )
  const payment = message!.gasPayment
  const data: TransactionData = {
    kind: { $kind: 'ProgrammableTransaction', ProgrammableTransaction: program },
    sender,
    gasData: {
      payment: (payment?.objects ?? []).map((ref) => ({
        objectId: requestedId(ref.objectId, 'gas_payment.objects'),
        version: String(ref.version ?? 0n),
        digest: ref.digest ?? '',
      })),
      owner: requestedId(payment?.owner ?? sender, 'gas_payment.owner'),
      price: String(payment?.price ?? referenceGasPrice),
      budget: String(payment?.budget ?? maxGasBudget),
    },
    expiration: readExpiration(message!.expiration),
  }
  return {
    transaction: makeTransaction(data),
    lacksBudget: payment?.budget === undefined,
    lacksPayment: data.gasData.payment.length === 0,
  }
}

function resolvedBytes(transaction: Transaction): ResolvedTransaction {
  const { payment } = transaction.data.gasData
  return { transaction, lacksBudget: false, lacksPayment: payment.length === 0 }
}

/** The same transaction with another payment for gas. */
export function withGas(
  { data }: Transaction,
  gas: Partial<TransactionData['gasData']>,
): Transaction {
  return makeTransaction({ ...data, gasData: { ...data.gasData, ...gas } })
}

/** Fills in what a client left open about an input; what it said stands. */
function readInput(input: G.Input, reads: Reads, use: () => InputUse): CallArg {
  const kinds = G.Input_InputKind
  if (input.pure !== undefined) return { $kind: 'Pure', Pure: { bytes: toBase64(input.pure) } }
  if (input.kind === kinds.FUNDS_WITHDRAWAL)
    throw new RpcFailure(RpcCode.unimplemented, 'withdrawals from address balances')
  const object = reads.object(requestedId(input.objectId, 'object_id'))
  const isShared = input.kind ? input.kind === kinds.SHARED : object.owner.kind === 'shared'
  if (isShared) return sharedInput(input, object, use)
  const ref = { ...refOf(object) }
  if (input.version !== undefined) ref.version = String(input.version)
  if (input.digest !== undefined) ref.digest = input.digest
  if (input.kind ? input.kind === kinds.RECEIVING : use() === 'receive')
    return { $kind: 'Object', Object: { $kind: 'Receiving', Receiving: ref } }
  return { $kind: 'Object', Object: { $kind: 'ImmOrOwnedObject', ImmOrOwnedObject: ref } }
}

function sharedInput(input: G.Input, { id, owner }: StoredObject, use: () => InputUse): CallArg {
  const initial = owner.kind === 'shared' ? owner.initialVersion : 0n
  const SharedObject = {
    objectId: id,
    initialSharedVersion: String(input.version ?? initial),
    mutable: input.mutable ?? use() === 'write',
  }
  return { $kind: 'Object', Object: { $kind: 'SharedObject', SharedObject } }
}

function readExpiration(
  expiration: G.TransactionExpiration | undefined,
): TransactionData['expiration'] {
  const kinds = G.TransactionExpiration_TransactionExpirationKind
  if (expiration?.kind === kinds.EPOCH)
    return { $kind: 'Epoch', Epoch: Number(expiration.epoch ?? 0n) }
  if (expiration?.kind !== kinds.VALID_DURING) return { $kind: 'None', None: true }
  const text = (value: bigint | undefined) => (value === undefined ? null : String(value))
  return {
    $kind: 'ValidDuring',
    ValidDuring: {
      minEpoch: text(expiration.minEpoch),
      maxEpoch: text(expiration.epoch),
      minTimestamp: null,
      maxTimestamp: null,
      chain: expiration.chain ?? '',
      nonce: expiration.nonce ?? 0,
    },
  }
}
