import { billShares, sumOfShares, type BillShare } from '../renewal/bill-shares.ts'
import type { Survey } from '../renewal/survey.ts'
import { nameFromText, nameToText } from '../terms/name.ts'
import { Trouble } from '../terms/trouble.ts'
import { directoryShares, type DirectoryShare } from '../tree/history/directory-shares.ts'
import { planGc } from './drive-gc.ts'
import { gcWish } from './gc-wish.ts'
import { presentTree } from './gc-survey.ts'
import type { Drive } from './open-drive.ts'
import { readRoot } from './shared-parts.ts'

const unitBytes = 1n << 20n

/** Which directories are told: one, and those down to so many levels below it. */
export interface CostWish {
  readonly path: string
  readonly depth: number
}

/** A share of the bill. Amounts are FROST (1e-9 WAL), decimal. */
export interface ShareCost {
  readonly storedBytes: number
  readonly billedBytes: number
  readonly costPerEpoch: string
}

/** A directory with all below it. */
export interface DirectoryCost extends ShareCost {
  /** From the drive's root. */
  readonly path: string
  readonly files: number
  readonly directories: number
  /** Sizes of the files. */
  readonly bytes: number
}

/** Whose the bill is: the first directory, `elsewhere`, `tables` and `unseen` together are all of it. */
export interface CostShares {
  /** The one that was asked for, then those below it, each before what is in it. */
  readonly directories: readonly DirectoryCost[]
  /** Outside of the one that was asked for. */
  readonly elsewhere: ShareCost
  /** Root record, table of packs, table of hard links. */
  readonly tables: ShareCost
  /** Dead bytes, what only earlier states show, the packs' own indices. */
  readonly unseen: ShareCost
  /** Packs that `walrusfs gc` would delete now, which only `unseen` names; undefined where that cannot be told: without a key. */
  readonly gc: (ShareCost & { readonly blobs: number }) | undefined
}

/** Divides the bill of a drive among its directories. Reads its nodes, and no bytes of files. Throws Trouble `not-found`. */
export async function costByDirectory(
  drive: Drive,
  now: Survey,
  wish: CostWish,
  signal: AbortSignal,
): Promise<CostShares> {
  const { epoch, packs, storagePrice, state } = now
  const names = wish.path.split('/').filter((part) => part !== '' && part !== '.')
  const base = state.root && (await readRoot(state.root, drive.content))
  if (!base) return emptyShares(names)
  const { root, nodes } = await presentTree(base, state.inline, drive.content)
  const path = names.map(nameFromText)
  const shares = await directoryShares(nodes, root, { path, depth: wish.depth })
  const { directories, elsewhere, tables } = shares
  if (!directories) throw notFound(names)
  const owners = [...directories.map(({ stored }) => stored), elsewhere, tables]
  const billed = billShares(packs, owners, epoch, storagePrice)
  return {
    directories: summed(directories, billed.owners),
    elsewhere: costOf(billed.owners.at(-2)!),
    tables: costOf(billed.owners.at(-1)!),
    unseen: costOf(billed.unseen),
    gc: await gcCost(drive, now, signal),
  }
}

/** Each with those below it. */
function summed(
  directories: readonly DirectoryShare[],
  shares: readonly BillShare[],
): DirectoryCost[] {
  const sums = directories.map(({ path, files, directories: count, bytes }, i) => {
    return { path, files, directories: count, bytes, share: shares[i]! }
  })
  const byShare = new Map(directories.map((one, i) => [one, sums[i]!]))
  // Those below come later: from the last to the first all are whole when they are added.
  for (let i = directories.length - 1; i > 0; i--) {
    const [own, above] = [sums[i]!, byShare.get(directories[i]!.parent!)!]
    above.files += own.files
    above.directories += own.directories
    above.bytes += own.bytes
    above.share = sumOfShares([above.share, own.share])
  }
  return sums.map(({ path, share, ...counts }) => {
    return { path: `/${path.map(nameToText).join('/')}`, ...counts, ...costOf(share) }
  })
}

function costOf({ storedBytes, billedBytes, costPerEpoch }: BillShare): ShareCost {
  return { storedBytes, billedBytes, costPerEpoch: String(costPerEpoch) }
}

/** A collection as `walrusfs gc` would plan it without a flag. */
async function gcCost(
  drive: Drive,
  { packs, storagePrice }: Survey,
  signal: AbortSignal,
): Promise<CostShares['gc']> {
  if (packs.length === 0) return { blobs: 0, ...nothing }
  try {
    const wish = gcWish({ strays: false, dryRun: true }, drive.request.settings)
    const { unneeded } = await planGc(drive, wish, signal)
    const units = BigInt(unneeded.billedBytes) / unitBytes
    return { ...unneeded, costPerEpoch: String(units * storagePrice) }
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

const nothing: ShareCost = { storedBytes: 0, billedBytes: 0, costPerEpoch: '0' }

/** Of a drive that nobody has committed to. */
function emptyShares(names: readonly string[]): CostShares {
  if (names.length > 0) throw notFound(names)
  const top = { path: '/', files: 0, directories: 0, bytes: 0, ...nothing }
  const rest = { elsewhere: nothing, tables: nothing, unseen: nothing }
  return { directories: [top], ...rest, gc: { blobs: 0, ...nothing } }
}

function notFound(names: readonly string[]): Trouble {
  return new Trouble('not-found', `the drive has no directory /${names.join('/')}`)
}
