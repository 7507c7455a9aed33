import { createCipheriv } from 'node:crypto'

/** What a file that tells its seed begins with. */
export const seedHeadBytes = 8

/** Bytes [from, to) of a file, which follow from their seed and from where they lie. */
interface Layer {
  readonly from: number
  readonly to: number
  readonly seed: number
  /** Instead of those of the seed. */
  readonly literal?: Buffer
}

/** What a file holds, as what was written into it: any range of it can be made anew. Where nothing was written there are zeros. */
export class KnownContent {
  static readonly empty = new KnownContent(0, [])
  readonly size: number
  /** Later ones lie over earlier ones. */
  readonly #layers: readonly Layer[]

  private constructor(size: number, layers: readonly Layer[]) {
    this.size = size
    this.#layers = layers
  }

  static of(seed: number, size: number): KnownContent {
    return KnownContent.empty.written(0, size, seed)
  }

  /** Begins with its own seed, so that whoever reads it knows what must follow. */
  static selfTold(seed: number, size: number): KnownContent {
    const literal = Buffer.alloc(seedHeadBytes)
    literal.writeDoubleBE(seed)
    const all = [
      { from: 0, to: size, seed },
      { from: 0, to: seedHeadBytes, seed, literal },
    ]
    return new KnownContent(size, all)
  }

  /** With so many bytes of a seed at an offset. */
  written(offset: number, length: number, seed: number): KnownContent {
    const to = offset + length
    const below = this.#layers.filter((layer) => layer.from < offset || layer.to > to)
    return new KnownContent(Math.max(this.size, to), [...below, { from: offset, to, seed }])
  }

  /** Cut off, or made longer with zeros. */
  truncated(size: number): KnownContent {
    const left = this.#layers.filter(({ from }) => from < size)
    const cut = left.map((layer) => ({ ...layer, to: Math.min(layer.to, size) }))
    return new KnownContent(size, cut)
  }

  /** At most so many bytes from an offset on. */
  bytes(offset: number, length: number): Buffer {
    const end = Math.min(this.size, offset + length)
    const bytes = Buffer.alloc(Math.max(0, end - offset))
    for (const { from, to, seed, literal } of this.#layers) {
      const [first, last] = [Math.max(from, offset), Math.min(to, end)]
      if (first >= last) continue
      const part = literal?.subarray(first - from, last - from)
      bytes.set(part ?? seedBytes(seed, first, last - first), first - offset)
    }
    return bytes
  }
}

const blockBytes = 16
/** Every third file can be made smaller. */
const plainEvery = 3

/** Bytes of a seed's endless sequence: AES-CTR over zeros; of some seeds only few values, so that they compress. */
export function seedBytes(seed: number, offset: number, length: number): Buffer {
  const key = Buffer.alloc(blockBytes)
  key.writeDoubleBE(seed)
  const counter = Buffer.alloc(blockBytes)
  const skipped = offset % blockBytes
  counter.writeBigUInt64BE(BigInt((offset - skipped) / blockBytes), 8)
  const cipher = createCipheriv('aes-128-ctr', key, counter)
  const bytes = cipher.update(Buffer.alloc(skipped + length)).subarray(skipped)
  if (seed % plainEvery === 0) for (let i = 0; i < length; i++) bytes[i]! &= 7
  return bytes
}
