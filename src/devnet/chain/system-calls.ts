import { bcs } from '@mysten/sui/bcs'
import { toBase64 } from '@mysten/sui/utils'
import { parseObjectId } from '../../terms/object-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { ChainState } from './chain-state.ts'
import { makeTransaction } from './execution/transaction.ts'
import type { CallArg, Transaction } from './execution/transaction.ts'
import type { MoveObject } from './objects/object.ts'
import type { G } from './proto/grpc-types.ts'

/** An argument of a call that the chain makes itself. */
export type SystemArgument = { readonly pure: Uint8Array } | { readonly shared: ObjectId }

export interface SystemCall {
  readonly package: ObjectId
  readonly module: string
  readonly function: string
  readonly typeArguments?: readonly string[]
  readonly arguments: readonly SystemArgument[]
}

const systemAddress = parseObjectId('0x0')

/** Calls a Move function, private ones too, without gas or signature. Throws when it fails. */
export function callSystem(chain: ChainState, call: SystemCall): G.ExecutedTransaction {
  const transaction = transactionOf(chain, call)
  const message = chain.execute(transaction, chain.inputs(transaction), [], true)
  const { error, success } = message.effects!.status!
  if (!success)
    throw new Error(`${call.module}::${call.function} failed: ${error?.description ?? 'unknown'}`)
  return message
}

/** The transaction of a call. No two are the same: each says how many came before it. */
export function transactionOf(chain: ChainState, call: SystemCall): Transaction {
  const nonce = Number(chain.ledger.transactions.last % 0xffff_ffffn)
  const unlimited = { minEpoch: null, maxEpoch: null, minTimestamp: null, maxTimestamp: null }
  return makeTransaction({
    sender: systemAddress,
    gasData: { payment: [], owner: systemAddress, price: '0', budget: '0' },
    expiration: {
      $kind: 'ValidDuring',
      ValidDuring: { ...unlimited, chain: chain.identity.chainId, nonce },
    },
    kind: {
      $kind: 'ProgrammableTransaction',
      ProgrammableTransaction: {
        inputs: call.arguments.map((argument) => inputOf(chain, argument)),
        commands: [
          {
            $kind: 'MoveCall',
            MoveCall: {
              package: call.package,
              module: call.module,
              function: call.function,
              typeArguments: [...(call.typeArguments ?? [])],
              arguments: call.arguments.map((_, Input) => ({ $kind: 'Input', Input })),
            },
          },
        ],
      },
    },
  })
}

function inputOf(chain: ChainState, argument: SystemArgument): CallArg {
  if ('pure' in argument) return { $kind: 'Pure', Pure: { bytes: toBase64(argument.pure) } }
  const { id, owner } = chain.ledger.objects.get(argument.shared) as MoveObject
  const initial = owner.kind === 'shared' ? owner.initialVersion : 0n
  return {
    $kind: 'Object',
    Object: {
      $kind: 'SharedObject',
      SharedObject: { objectId: id, initialSharedVersion: String(initial), mutable: true },
    },
  }
}

/** BCS of the arguments that calls here need. */
export const pure = {
  u16: (value: number) => ({ pure: bcs.u16().serialize(value).toBytes() }),
  u32: (value: number) => ({ pure: bcs.u32().serialize(value).toBytes() }),
  u64: (value: bigint) => ({ pure: bcs.u64().serialize(value).toBytes() }),
  address: (value: string) => ({ pure: bcs.Address.serialize(value).toBytes() }),
  string: (value: string) => ({ pure: bcs.string().serialize(value).toBytes() }),
  strings: (values: readonly string[]) => ({
    pure: bcs
      .vector(bcs.string())
      .serialize([...values])
      .toBytes(),
  }),
  byteStrings: (values: readonly Uint8Array[]) => ({
    pure: bcs
      .vector(bcs.byteVector())
      .serialize([...values])
      .toBytes(),
  }),
  shardLists: (values: readonly (readonly number[])[]) => ({
    pure: bcs
      .vector(bcs.vector(bcs.u16()))
      .serialize(values.map((list) => [...list]))
      .toBytes(),
  }),
}
