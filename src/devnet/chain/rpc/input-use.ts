import { parseObjectId } from '../../../terms/object-id.ts'
import { isContext } from '../execution/move-call.ts'
import type {
  Argument,
  Command,
  MoveCall,
  ProgrammableTransaction,
} from '../execution/transaction.ts'
import type { Linker } from '../move/linker.ts'
import { typeName } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'

/** What a transaction does with an input: it only looks, it changes or takes, or it receives what was sent to an object. */
export type InputUse = 'read' | 'write' | 'receive'

/** The strongest use that some command makes of the n-th input. */
export function inputUse(
  linker: Linker,
  program: ProgrammableTransaction,
  input: number,
): InputUse {
  const uses = program.commands.flatMap((command) => usesIn(linker, command, input))
  if (uses.includes('receive')) return 'receive'
  return uses.includes('write') ? 'write' : 'read'
}

function usesIn(linker: Linker, command: Command, input: number): InputUse[] {
  const isIt = (argument: Argument) => argument.Input === input
  if (command.MoveCall) return callUses(linker, command.MoveCall, isIt)
  return changed(command).some(isIt) ? ['write'] : []
}

/** Arguments that a command changes or takes. */
function changed(command: Command): readonly Argument[] {
  switch (command.$kind) {
    case 'TransferObjects':
      return command.TransferObjects.objects
    case 'SplitCoins':
      return [command.SplitCoins.coin]
    case 'MergeCoins':
      return [command.MergeCoins.destination, ...command.MergeCoins.sources]
    case 'MakeMoveVec':
      return command.MakeMoveVec.elements
    case 'Upgrade':
      return [command.Upgrade.ticket]
    case 'MoveCall':
    case 'Publish':
      return []
  }
}

/** A function that is not there is found out later; until then nothing is known to be only read. */
function callUses(
  linker: Linker,
  call: MoveCall,
  isIt: (argument: Argument) => boolean,
): InputUse[] {
  const called = linker
    .link(parseObjectId(call.package))
    ?.module(call.module)
    ?.function(call.function)
  const parameters = called?.parameters.filter((type) => !isContext(type))
  return call.arguments.flatMap((argument, i) => (isIt(argument) ? [useBy(parameters?.[i])] : []))
}

function useBy(type: MoveType | undefined): InputUse {
  if (type?.kind === 'reference' && !type.mutable) return 'read'
  if (type?.kind === 'datatype' && typeName(type).includes('::transfer::Receiving<'))
    return 'receive'
  return 'write'
}
