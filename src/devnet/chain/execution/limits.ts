import { fromBase64 } from '@mysten/sui/utils'
import { refusedInput } from '../rpc-failure.ts'
import type { Command, ProgrammableTransaction, Transaction } from './transaction.ts'

/** Sizes that the protocol allows (sui-protocol-config). */
const limits = {
  transactionBytes: 128 * 1024,
  commands: 1024,
  inputs: 2048,
  arguments: 512,
  pureBytes: 16 * 1024,
  typeArguments: 16,
  gasObjects: 256,
} as const

/** Refuses a transaction that is too large in some respect, or empty where it may not be. */
export function checkLimits({ data, program, bytes }: Transaction): void {
  bound('serialized transaction size exceeded maximum', bytes.length, limits.transactionBytes)
  bound('maximum commands in a programmable transaction', program.commands.length, limits.commands)
  bound('maximum input objects in a transaction', program.inputs.length, limits.inputs)
  bound('maximum number of gas payment objects', data.gasData.payment.length, limits.gasObjects)
  checkPureInputs(program)
  for (const command of program.commands) checkCommand(command)
}

function bound(what: string, value: number, limit: number): void {
  if (value > limit) throw refusedInput(`Size limit exceeded: ${what} is ${limit}`)
}

function checkPureInputs({ inputs }: ProgrammableTransaction): void {
  for (const { Pure: pure } of inputs)
    if (pure) bound('maximum pure argument size', fromBase64(pure.bytes).length, limits.pureBytes)
}

function checkCommand(command: Command): void {
  const counts = argumentCounts(command)
  for (const count of counts)
    bound('maximum arguments in a programmable transaction command', count, limits.arguments)
  if (command.MoveCall)
    bound(
      'maximum type arguments in a call transaction',
      command.MoveCall.typeArguments.length,
      limits.typeArguments,
    )
  const mayBeEmpty = command.MoveCall ?? command.Publish ?? command.Upgrade
  const typed = command.MakeMoveVec && command.MakeMoveVec.type !== null
  if (!mayBeEmpty && !typed && counts.includes(0)) throw refusedInput('Command input is empty')
}

function argumentCounts(command: Command): number[] {
  switch (command.$kind) {
    case 'MoveCall':
      return [command.MoveCall.arguments.length]
    case 'TransferObjects':
      return [command.TransferObjects.objects.length]
    case 'SplitCoins':
      return [command.SplitCoins.amounts.length]
    case 'MergeCoins':
      return [command.MergeCoins.sources.length]
    case 'MakeMoveVec':
      return [command.MakeMoveVec.elements.length]
    case 'Publish':
      return [command.Publish.modules.length]
    case 'Upgrade':
      return [command.Upgrade.modules.length]
  }
}
