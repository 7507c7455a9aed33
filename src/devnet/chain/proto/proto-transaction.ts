import { fromBase64 } from '@mysten/sui/utils'
import type { Argument, CallArg, Command, TransactionData } from '../execution/transaction.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { G } from './grpc-types.ts'

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
          commands: program.commands.map((command) => ({ command: protoCommand(command) })),
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

export function protoArgument(argument: Argument): G.Argument {
  const kinds = G.Argument_ArgumentKind
  if (argument.Input !== undefined) return { kind: kinds.INPUT, input: argument.Input }
  if (argument.Result !== undefined) return { kind: kinds.RESULT, result: argument.Result }
  if (argument.NestedResult === undefined) return { kind: kinds.GAS }
  const [result, subresult] = argument.NestedResult
  return { kind: kinds.RESULT, result, subresult }
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

function protoCommand(command: Command): G.Command['command'] {
  const all = (args: readonly Argument[]) => args.map(protoArgument)
  switch (command.$kind) {
    case 'MoveCall':
      return {
        oneofKind: 'moveCall',
        moveCall: { ...command.MoveCall, arguments: all(command.MoveCall.arguments) },
      }
    case 'TransferObjects': {
      const { objects, address } = command.TransferObjects
      const transferObjects = { objects: all(objects), address: protoArgument(address) }
      return { oneofKind: 'transferObjects', transferObjects }
    }
    case 'SplitCoins': {
      const { coin, amounts } = command.SplitCoins
      return {
        oneofKind: 'splitCoins',
        splitCoins: { coin: protoArgument(coin), amounts: all(amounts) },
      }
    }
    case 'MergeCoins': {
      const { destination, sources } = command.MergeCoins
      const mergeCoins = { coin: protoArgument(destination), coinsToMerge: all(sources) }
      return { oneofKind: 'mergeCoins', mergeCoins }
    }
    case 'MakeMoveVec': {
      const { type, elements } = command.MakeMoveVec
      const makeMoveVector = { elements: all(elements), ...(type ? { elementType: type } : {}) }
      return { oneofKind: 'makeMoveVector', makeMoveVector }
    }
    case 'Publish': {
      const { modules, dependencies } = command.Publish
      return {
        oneofKind: 'publish',
        publish: { modules: modules.map(fromBase64), dependencies: [...dependencies] },
      }
    }
    case 'Upgrade': {
      const { modules, dependencies, package: previous, ticket } = command.Upgrade
      return {
        oneofKind: 'upgrade',
        upgrade: {
          modules: modules.map(fromBase64),
          dependencies: [...dependencies],
          package: previous,
          ticket: protoArgument(ticket),
        },
      }
    }
  }
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
