import type { BlobId } from '../terms/blob-id.ts'
import type { PackLife } from './pack-life.ts'

const unitBytes = 1 << 20

/** A part of what a drive stores and is billed for. */
export interface BillShare {
  /** In packs, before encoding. */
  readonly storedBytes: number
  readonly billedBytes: number
  /** FROST. */
  readonly costPerEpoch: bigint
}

export interface BillShares {
  /** Of each owner, in their order. */
  readonly owners: readonly BillShare[]
  /** What none of them names: dead bytes, what only earlier states show, the packs' own indices. */
  readonly unseen: BillShare
}

type Bytes = Omit<BillShare, 'costPerEpoch'>

/**
 * Divides what is billed for packs among those who name bytes of them. The bill of a pack, however small the pack, is divided by the
 * bytes that each has in it; what nobody names has a share like any other. Where a byte of the bill would have to be cut, the next owner
 * has it, so that all shares together are the whole: the sum of the packs, and its price. What has ended costs nothing. Pure.
 */
export function billShares(
  packs: readonly PackLife[],
  owners: readonly ReadonlyMap<BlobId, number>[],
  epoch: number,
  storagePrice: bigint,
): BillShares {
  const divided = dividedPacks(packs, owners, epoch)
  const shares: Bytes[] = owners.map((owner) => {
    let [storedBytes, billedBytes] = [0, 0]
    for (const [blob, bytes] of owner) {
      const pack = divided.get(blob)
      if (!pack) continue
      storedBytes += bytes
      billedBytes += pack.give(bytes)
    }
    return { storedBytes, billedBytes }
  })
  let [storedBytes, billedBytes] = [0, 0]
  for (const pack of divided.values()) {
    storedBytes += pack.left
    billedBytes += pack.rest
  }
  const priced = withPrices([...shares, { storedBytes, billedBytes }], storagePrice)
  return { owners: priced.slice(0, -1), unseen: priced.at(-1)! }
}

/** The sum of some shares. */
export function sumOfShares(shares: readonly BillShare[]): BillShare {
  let sum: BillShare = { storedBytes: 0, billedBytes: 0, costPerEpoch: 0n }
  for (const { storedBytes, billedBytes, costPerEpoch } of shares) {
    sum = {
      storedBytes: sum.storedBytes + storedBytes,
      billedBytes: sum.billedBytes + billedBytes,
      costPerEpoch: sum.costPerEpoch + costPerEpoch,
    }
  }
  return sum
}

/** A pack whose bill is given away from its first byte to its last. */
class DividedPack {
  readonly #bytes: number
  readonly #billed: number
  #given = 0

  constructor(bytes: number, billed: number) {
    this.#bytes = bytes
    this.#billed = billed
  }

  /** Bytes that nobody has been given. */
  get left(): number {
    return this.#bytes - this.#given
  }

  /** What is still to be billed. */
  get rest(): number {
    return this.#billed - this.#billedFor(this.#given)
  }

  /** The next bytes find their owner, who is billed for them. */
  give(bytes: number): number {
    const before = this.#billedFor(this.#given)
    this.#given += bytes
    return this.#billedFor(this.#given) - before
  }

  #billedFor(bytes: number): number {
    if (bytes === 0) return 0
    return Number((BigInt(this.#billed) * BigInt(bytes)) / BigInt(this.#bytes))
  }
}

function dividedPacks(
  packs: readonly PackLife[],
  owners: readonly ReadonlyMap<BlobId, number>[],
  epoch: number,
): Map<BlobId, DividedPack> {
  const named = new Map<BlobId, number>()
  for (const owner of owners) {
    for (const [blob, bytes] of owner) named.set(blob, (named.get(blob) ?? 0) + bytes)
  }
  return new Map(
    packs.map(({ blob, bytes, units, endEpoch }) => {
      const size = Math.max(bytes, named.get(blob) ?? 0)
      return [blob, new DividedPack(size, endEpoch > epoch ? units * unitBytes : 0)]
    }),
  )
}

/** Divides the price of all in the same way: a share costs what its bytes cost, and the sum is exact. */
function withPrices(shares: readonly Bytes[], storagePrice: bigint): BillShare[] {
  let upTo = 0n
  return shares.map((share) => {
    const before = (upTo * storagePrice) / BigInt(unitBytes)
    upTo += BigInt(share.billedBytes)
    return { ...share, costPerEpoch: (upTo * storagePrice) / BigInt(unitBytes) - before }
  })
}
