import type { Argv } from 'yargs'
import type { DriveCost } from '../../daemon/drive-cost.ts'
import { bytesText, counted, durationText } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { costSorts, shareLines, sortedDirectories } from '../cost-rows.ts'
import { networkOption } from '../drive-options.ts'
import { driveAndPath } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs cost`. */
export const cost = command({
  command: 'cost <drive> [path]',
  describe: 'What a drive costs, by directory where asked for, and till when it is paid',
  epilog: `DRIVE is a drive, a mount, or a directory in one. With PATH, --depth or --sort each directory is told: its files, their size, the bytes that
are stored for it, its share of what is billed, and what that costs. A pack is billed as a whole, a small one like 64 MB; its bill is divided by the
bytes that each has in it. What several files show is counted where it is met first, as du does with hard links. What is dead or only in history has
a share, too, so that all lines together are the whole bill. What is not committed yet costs nothing yet.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', {
        type: 'string',
        describe: 'Which drive, where it is mounted, or a directory there',
      })
      .positional('path', { type: 'string', describe: 'A directory of it' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true },
    depth: {
      type: 'number',
      alias: ['d', 'max-depth'],
      describe: 'Tell directories down to so many levels, each with all below it [1]',
    },
    sort: { choices: costSorts, describe: 'By name, or the largest first [name]' },
    ...networkOption,
  },
  run: async ({ drive, path, depth, sort, network }, context) => {
    const { driveCost } = await import('../../daemon/drive-cost.ts')
    const at = driveAndPath(context.directories, drive, path)
    const isByDirectory =
      path !== undefined || depth !== undefined || sort !== undefined || at.path !== '/'
    const wish = isByDirectory ? { path: at.path, depth: checkedDepth(depth ?? 1) } : undefined
    const work = (opened: Parameters<typeof driveCost>[0]) =>
      driveCost(opened, context.signal, wish)
    const found = await withDrive(at.drive, { network }, context, work, true)
    const directories = sortedDirectories(found.shares?.directories ?? [], sort ?? 'name')
    const now = found.shares ? { ...found, shares: { ...found.shares, directories } } : found
    context.terminal.result(now, () => (now.shares ? shareLines(now) : costLines(now, Date.now())))
  },
})

function checkedDepth(depth: number): number {
  if (Number.isInteger(depth) && depth >= 0) return depth
  throw new Trouble('usage', 'depth is to be a whole number from 0 on')
}

function costLines(now: DriveCost, nowMs: number): string[] {
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const { endEpoch, endMs = nowMs, epoch, balance, balanceEpochs } = now
  const wal = (frost: string) => walText(BigInt(frost))
  const till = durationText(Math.max(0, endMs - nowMs))
  return [
    row('files', bytesText(now.usedBytes)),
    row(
      'stored',
      `${bytesText(now.storedBytes)} in ${counted(now.blobs, 'blob')}, history included`,
    ),
    row('billed', `${bytesText(now.billedBytes)} (encoded for ${now.network})`),
    row('epoch', `${wal(now.costPerEpoch)} for ${durationText(now.epochDurationMs)}`),
    row('month', `about ${wal(now.costPerMonth)}`),
    row('prepaid', wal(now.prepaid)),
    ...(now.spare.endEpoch === undefined ? [] : [row('spare', spareText(now.spare))]),
    ...(endEpoch === undefined
      ? []
      : [row('paid till', `epoch ${endEpoch} (now ${epoch}; about ${till} from now)`)]),
    ...now.ends.map(({ endEpoch: end, blobs, billedBytes }) =>
      row('', `epoch ${end}: ${counted(blobs, 'blob')}, ${bytesText(billedBytes)}`),
    ),
    ...(balance === undefined ? [] : [row('balance', `${wal(balance)}${lasts(balanceEpochs)}`)]),
    ...(now.foreign
      ? [row('!', `for another account to extend: ${counted(now.foreign, 'blob')}`)]
      : []),
    ...now.ended.map((blob) => row('!', `${blob} is no longer stored`)),
  ]
}

/** Storage of deleted blobs. */
export function spareText({ billedBytes, endEpoch, worth }: DriveCost['spare']): string {
  const amount = `${bytesText(billedBytes)} of deleted blobs, till epoch ${endEpoch} at most`
  return `${amount}, worth ${walText(BigInt(worth))}: what is stored next takes it, renewals do not`
}

function lasts(epochs: number | undefined): string {
  return epochs === undefined ? '' : `, enough for ${counted(epochs, 'epoch')}`
}
