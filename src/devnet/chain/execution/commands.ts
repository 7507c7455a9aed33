import { mergeCoins, splitCoins } from './coin-commands.ts'
import { makeMoveVec, transferObjects } from './object-commands.ts'
import { callMove } from './move-call.ts'
import { publish, upgrade } from './package-commands.ts'
import type { Program, ResultValue } from './program.ts'
import type { Command } from './transaction.ts'

/** Runs one command. Throws an ExecutionFailure. */
export function runCommand(program: Program, command: Command): readonly ResultValue[] {
  switch (command.$kind) {
    case 'MoveCall':
      return callMove(program, command.MoveCall)
    case 'TransferObjects':
      return transferObjects(program, command.TransferObjects)
    case 'SplitCoins':
      return splitCoins(program, command.SplitCoins)
    case 'MergeCoins':
      return mergeCoins(program, command.MergeCoins)
    case 'MakeMoveVec':
      return makeMoveVec(program, command.MakeMoveVec)
    case 'Publish':
      return publish(program, command.Publish)
    case 'Upgrade':
      return upgrade(program, command.Upgrade)
  }
}
