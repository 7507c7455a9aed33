import { bcs } from '@mysten/sui/bcs'
import { fromBase58 } from '@mysten/sui/utils'
import { digestOf } from '../objects/object-bcs.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'

type Parsed = ReturnType<typeof bcs.TransactionData.parse>
/** A transaction as its sender signs it. */
export type TransactionData = NonNullable<Parsed['V1']>
export type ProgrammableTransaction = NonNullable<
  TransactionData['kind']['ProgrammableTransaction']
>
export type CallArg = ProgrammableTransaction['inputs'][number]
export type Command = ProgrammableTransaction['commands'][number]
export type MoveCall = NonNullable<Command['MoveCall']>
export type Argument = MoveCall['arguments'][number]

/** A transaction with its name. */
export interface Transaction {
  readonly data: TransactionData
  readonly program: ProgrammableTransaction
  readonly bytes: Uint8Array
  /** Base58. */
  readonly digest: string
  readonly digestBytes: Uint8Array
}

/** Reads what a client sends. Throws an {@link RpcFailure}. */
export function readTransaction(bytes: Uint8Array): Transaction {
  let data: TransactionData
  try {
    data = bcs.TransactionData.parse(bytes).V1!
  } catch (error) {
    throw new RpcFailure(
      RpcCode.invalidArgument,
      `unable to deserialize transaction bcs: ${(error as Error).message}`,
    )
  }
  return transactionOf(data, bytes)
}

/** A transaction that was put together here. */
export function makeTransaction(data: TransactionData): Transaction {
  return transactionOf(data, bcs.TransactionData.serialize({ V1: data } as never).toBytes())
}

function transactionOf(data: TransactionData, bytes: Uint8Array): Transaction {
  const program = data.kind.ProgrammableTransaction
  if (!program)
    throw new RpcFailure(RpcCode.invalidArgument, 'only programmable transactions are accepted')
  const digest = digestOf('TransactionData', bytes)
  return { data, program, bytes, digest, digestBytes: fromBase58(digest) }
}
