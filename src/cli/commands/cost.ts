import type { Argv } from 'yargs'
import type { DriveCost } from '../../daemon/drive-cost.ts'
import { bytesText, durationText } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs cost`. */
export const cost = command({
  command: 'cost <drive>',
  describe: 'What a drive costs: stored and billed bytes, price per epoch, till when it is paid',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    ...networkOption,
  },
  run: async ({ drive, network }, context) => {
    const { driveCost } = await import('../../daemon/drive-cost.ts')
    const name = driveNamed(context.directories, drive)
    const work = (opened: Parameters<typeof driveCost>[0]) => driveCost(opened, context.signal)
    const now = await withDrive(name, { network }, context, work, true)
    context.terminal.result(now, () => costLines(now, Date.now()))
  },
})

function costLines(now: DriveCost, nowMs: number): string[] {
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const { endEpoch, endMs = nowMs, epoch, balance, balanceEpochs } = now
  const wal = (frost: string) => walText(BigInt(frost))
  const till = durationText(Math.max(0, endMs - nowMs))
  return [
    row('files', bytesText(now.usedBytes)),
    row('stored', `${bytesText(now.storedBytes)} in ${now.blobs} blobs, history included`),
    row('billed', `${bytesText(now.billedBytes)} (encoded for ${now.network})`),
    row('epoch', `${wal(now.costPerEpoch)} for ${durationText(now.epochDurationMs)}`),
    row('month', `about ${wal(now.costPerMonth)}`),
    row('prepaid', wal(now.prepaid)),
    ...(now.spare.endEpoch === undefined ? [] : [row('spare', spareText(now.spare))]),
    ...(endEpoch === undefined
      ? []
      : [row('paid till', `epoch ${endEpoch} (now ${epoch}; about ${till} from now)`)]),
    ...now.ends.map(({ endEpoch: end, blobs, billedBytes }) =>
      row('', `epoch ${end}: ${blobs} blobs, ${bytesText(billedBytes)}`),
    ),
    ...(balance === undefined ? [] : [row('balance', `${wal(balance)}${lasts(balanceEpochs)}`)]),
    ...(now.foreign ? [row('!', `${now.foreign} blobs are for another account to extend`)] : []),
    ...now.ended.map((blob) => row('!', `${blob} is no longer stored`)),
  ]
}

/** Storage of deleted blobs. */
export function spareText({ billedBytes, endEpoch, worth }: DriveCost['spare']): string {
  const amount = `${bytesText(billedBytes)} of deleted blobs, till epoch ${endEpoch} at most`
  return `${amount}, worth ${walText(BigInt(worth))}: what is stored next takes it, renewals do not`
}

function lasts(epochs: number | undefined): string {
  return epochs === undefined ? '' : `, enough for ${epochs} epochs`
}
