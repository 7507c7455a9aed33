import { fromBase64, toBase64 } from '@mysten/sui/utils'
import type { Argument, Command } from '../execution/transaction.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { G } from './grpc-types.ts'

type ProtoCommand = G.Command['command']
type Kind = Command['$kind']
type ProtoKind = NonNullable<ProtoCommand['oneofKind']>

type Writers = { readonly [K in Kind]: (command: NonNullable<Command[K]>) => ProtoCommand }
type Readers = {
  readonly [K in ProtoKind]: (command: Extract<ProtoCommand, { oneofKind: K }>) => Command
}

/** A command as a message. */
export function protoCommand(command: Command): G.Command {
  const write = writers[command.$kind] as (details: unknown) => ProtoCommand
  return { command: write((command as Record<string, unknown>)[command.$kind]) }
}

/** The inverse of {@link protoCommand}. Throws INVALID_ARGUMENT when something is missing. */
export function readCommand({ command }: G.Command): Command {
  if (command.oneofKind === undefined)
    throw new RpcFailure(RpcCode.invalidArgument, 'a command is missing')
  return (readers[command.oneofKind] as (command: ProtoCommand) => Command)(command)
}

export function protoArgument(argument: Argument): G.Argument {
  const kinds = G.Argument_ArgumentKind
  if (argument.Input !== undefined) return { kind: kinds.INPUT, input: argument.Input }
  if (argument.Result !== undefined) return { kind: kinds.RESULT, result: argument.Result }
  if (argument.NestedResult === undefined) return { kind: kinds.GAS }
  const [result, subresult] = argument.NestedResult
  return { kind: kinds.RESULT, result, subresult }
}

function readArgument(argument: G.Argument | undefined): Argument {
  const kinds = G.Argument_ArgumentKind
  if (argument?.kind === kinds.GAS) return { $kind: 'GasCoin', GasCoin: true }
  if (argument?.kind === kinds.INPUT) return { $kind: 'Input', Input: argument.input ?? 0 }
  if (argument?.kind !== kinds.RESULT)
    throw new RpcFailure(RpcCode.invalidArgument, 'an argument has no kind')
  const result = argument.result ?? 0
  if (argument.subresult === undefined) return { $kind: 'Result', Result: result }
  return { $kind: 'NestedResult', NestedResult: [result, argument.subresult] }
}

const written = (all: readonly Argument[]): G.Argument[] => all.map(protoArgument)
const read = (all: readonly G.Argument[]): Argument[] => all.map(readArgument)
const bytes = (modules: readonly string[]): Uint8Array[] => modules.map((m) => fromBase64(m))
const texts = (modules: readonly Uint8Array[]): string[] => modules.map((m) => toBase64(m))

const writers: Writers = {
  MoveCall: (call) => ({
    oneofKind: 'moveCall',
    moveCall: { ...call, arguments: written(call.arguments) },
  }),
  TransferObjects: ({ objects, address }) => ({
    oneofKind: 'transferObjects',
    transferObjects: { objects: written(objects), address: protoArgument(address) },
  }),
  SplitCoins: ({ coin, amounts }) => ({
    oneofKind: 'splitCoins',
    splitCoins: { coin: protoArgument(coin), amounts: written(amounts) },
  }),
  MergeCoins: ({ destination, sources }) => ({
    oneofKind: 'mergeCoins',
    mergeCoins: { coin: protoArgument(destination), coinsToMerge: written(sources) },
  }),
  MakeMoveVec: ({ type, elements }) => ({
    oneofKind: 'makeMoveVector',
    makeMoveVector: { elements: written(elements), ...(type !== null && { elementType: type }) },
  }),
  Publish: ({ modules, dependencies }) => ({
    oneofKind: 'publish',
    publish: { modules: bytes(modules), dependencies: [...dependencies] },
  }),
  Upgrade: ({ modules, dependencies, package: previous, ticket }) => ({
    oneofKind: 'upgrade',
    upgrade: {
      modules: bytes(modules),
      dependencies: [...dependencies],
      package: previous,
      ticket: protoArgument(ticket),
    },
  }),
}

const readers: Readers = {
  moveCall: ({ moveCall: call }) => ({
    $kind: 'MoveCall',
    MoveCall: {
      package: call.package ?? '',
      module: call.module ?? '',
      function: call.function ?? '',
      typeArguments: [...call.typeArguments],
      arguments: read(call.arguments),
    },
  }),
  transferObjects: ({ transferObjects: { objects, address } }) => ({
    $kind: 'TransferObjects',
    TransferObjects: { objects: read(objects), address: readArgument(address) },
  }),
  splitCoins: ({ splitCoins: { coin, amounts } }) => ({
    $kind: 'SplitCoins',
    SplitCoins: { coin: readArgument(coin), amounts: read(amounts) },
  }),
  mergeCoins: ({ mergeCoins: { coin, coinsToMerge } }) => ({
    $kind: 'MergeCoins',
    MergeCoins: { destination: readArgument(coin), sources: read(coinsToMerge) },
  }),
  makeMoveVector: ({ makeMoveVector: { elementType, elements } }) => ({
    $kind: 'MakeMoveVec',
    MakeMoveVec: { type: elementType ?? null, elements: read(elements) },
  }),
  publish: ({ publish: { modules, dependencies } }) => ({
    $kind: 'Publish',
    Publish: { modules: texts(modules), dependencies: [...dependencies] },
  }),
  upgrade: ({ upgrade: { modules, dependencies, package: previous, ticket } }) => ({
    $kind: 'Upgrade',
    Upgrade: {
      modules: texts(modules),
      dependencies: [...dependencies],
      package: previous ?? '',
      ticket: readArgument(ticket),
    },
  }),
}
