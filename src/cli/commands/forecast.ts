import type { Argv } from 'yargs'
import type { DriveForecast, ForecastSpan } from '../../daemon/drive-cost.ts'
import { counted, timeText } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'

import { spareText } from './cost.ts'
import { command } from '../command.ts'
import { networkOption, settingOptions } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs forecast`. */
export const forecast = command({
  command: 'forecast <drive>',
  describe: 'What renewing a drive as it is now will cost, and when',
  epilog:
    '--epochs, --renew-margin and --budget are those of mount: they say when something is extended, by how much, and for how much in one epoch.',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    months: { type: 'number', default: 12, describe: 'How far to look ahead' },
    'for-epochs': { type: 'number', describe: 'The same in epochs' },
    epochs: settingOptions.epochs,
    'renew-margin': settingOptions['renew-margin'],
    budget: settingOptions.budget,
    ...networkOption,
  },
  run: async ({ drive, months, forEpochs, network, epochs, renewMargin, budget }, context) => {
    const span = spanOf(months, forEpochs)
    const { driveForecast } = await import('../../daemon/drive-cost.ts')
    const name = driveNamed(context.directories, drive)
    const flags = { network, epochs, renewMargin, budget }
    const work = (opened: Parameters<typeof driveForecast>[0]) =>
      driveForecast(opened, span, context.signal)
    const told = await withDrive(name, flags, context, work, true)
    context.terminal.result(told, () => forecastLines(told))
  },
})

function spanOf(months: number, epochs: number | undefined): ForecastSpan {
  if (epochs !== undefined) {
    if (Number.isInteger(epochs) && epochs >= 0 && epochs <= 10_000) return { epochs }
    throw new Trouble('usage', 'for-epochs is to be a whole number up to 10000')
  }
  if (months > 0 && months <= 240) return { months }
  throw new Trouble('usage', 'months is to be a number up to 240')
}

function forecastLines(told: DriveForecast): string[] {
  const wal = (frost: string) => walText(BigInt(frost))
  const day = (ms: number) => timeText(ms).split('T')[0]!
  const { untilEpoch, untilMs, epoch, balance, shortFrom, foreign, ended } = told
  const lines = told.payments.map(
    ({ epoch: at, ms, blobs, cost }) =>
      `epoch ${at}  about ${day(ms)}  ${counted(blobs, 'blob')}  ${wal(cost)}`,
  )
  lines.push(
    `till epoch ${untilEpoch} (now ${epoch}), about ${day(untilMs)}: ${wal(told.cost)} in ${told.transactions} transactions; one epoch costs ${wal(told.costPerEpoch)}`,
  )
  if (balance !== undefined) {
    const enough = shortFrom === undefined ? 'enough' : `too little from epoch ${shortFrom} on`
    lines.push(`the account has ${wal(balance)}: ${enough}`)
  }
  if (told.budget !== undefined) lines.push(budgetText(told))
  if (told.spare.endEpoch !== undefined) lines.push(`left over: ${spareText(told.spare)}`)
  if (foreign > 0)
    lines.push(`for another account to extend: ${counted(foreign, 'blob')}, and left out`)
  if (ended > 0) lines.push(`no longer stored: ${counted(ended, 'blob')} (named by walrusfs cost)`)
  return lines
}

function budgetText({ budget, heldFrom, lost }: DriveForecast): string {
  const limit = `the budget lets ${walText(BigInt(budget!))} an epoch`
  if (heldFrom === undefined) return `${limit}: enough`
  const ends =
    lost > 0
      ? `, and the storage of ${counted(lost, 'blob')} ends`
      : ', and what is extended lasts less long'
  return `${limit}: too little from epoch ${heldFrom} on${ends} (--budget)`
}
