import type { DirectoryCost, ShareCost } from '../daemon/cost-by-directory.ts'
import type { DriveCost } from '../daemon/drive-cost.ts'
import { bytesText, counted } from '../daemon/quantity.ts'
import { perMonth, walText } from '../renewal/wal.ts'

export const costSorts = ['name', 'size', 'stored', 'billed', 'cost'] as const

/** How the directories of a bill are sorted: by name, or the largest first. */
export type CostSort = (typeof costSorts)[number]

/** The directories in the order that a person asked for. */
export function sortedDirectories(
  directories: readonly DirectoryCost[],
  by: CostSort,
): DirectoryCost[] {
  const amount: Readonly<Record<CostSort, (one: DirectoryCost) => number>> = {
    name: () => 0,
    size: ({ bytes }) => bytes,
    stored: ({ storedBytes }) => storedBytes,
    billed: ({ billedBytes }) => billedBytes,
    cost: ({ costPerEpoch }) => Number(costPerEpoch),
  }
  return [...directories].sort((a, b) => amount[by](b) - amount[by](a))
}

/** The bill of a drive by directory, as du shows sizes. */
export function shareLines({ shares, ...all }: DriveCost): string[] {
  if (!shares) return []
  const { directories, elsewhere, tables, unseen, gc } = shares
  const total = { storedBytes: all.storedBytes, billedBytes: all.billedBytes }
  const cells = (name: string, share: ShareCost, files?: DirectoryCost) => [
    files ? String(files.files) : '',
    files ? bytesText(files.bytes) : '',
    bytesText(share.storedBytes),
    bytesText(share.billedBytes),
    walText(BigInt(share.costPerEpoch)),
    walText(perMonth(BigInt(share.costPerEpoch), all.epochDurationMs)),
    name,
  ]
  const isWhole = elsewhere.storedBytes === 0
  const rows = [
    ['files', 'size', 'stored', 'billed', 'an epoch', 'a month', ''],
    ...directories.map((one) => cells(one.path, one, one)),
    ...(isWhole ? [] : [cells('(elsewhere in the drive)', elsewhere)]),
    cells('(tables and root record)', tables),
    cells('(dead, history, indices of packs)', unseen),
    cells('(all)', { ...total, costPerEpoch: all.costPerEpoch }),
  ]
  return [...columns(rows), ...(gc?.blobs ? [gcLine(gc)] : [])]
}

function gcLine({ blobs, billedBytes, costPerEpoch }: ShareCost & { blobs: number }): string {
  const what = `${counted(blobs, 'blob')}, ${bytesText(billedBytes)} billed, ${walText(BigInt(costPerEpoch))} an epoch`
  return `walrusfs gc would free ${what}`
}

/** Right-aligned but for the last, the name. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}
