/** Where a piece lies on the disk. */
export interface Place {
  /** Number of the slab, 1 or more. */
  readonly slab: number
  readonly position: number
  readonly length: number
}

/** An entry of the index, until the next `put` or `remove`. */
export type Slot = number

const shards = 256
const firstSlots = 16
const empty = 0
const removed = 0xffffffff
const checkedBit = 4
const hitsMask = 3

/**
 * Places by the first bytes of a piece's hash, about 40 bytes of memory each: a table of numbers without objects, in parts
 * that grow by themselves so that no single growth takes long. Two hashes may begin alike; whoever reads the place
 * compares the whole hash that is written there.
 */
export class HashIndex {
  readonly #parts: Part[] = Array.from({ length: shards }, () => new Part())
  readonly #isLive: (slab: number) => boolean

  /** Entries of slabs that are not live any more are forgotten when room is needed. */
  constructor(isLive: (slab: number) => boolean) {
    this.#isLive = isLive
  }

  /** Entries, those of slabs that are gone included. */
  get count(): number {
    return this.#parts.reduce((sum, part) => sum + part.count, 0)
  }

  /** The entry of a hash; undefined where there is none. */
  find(hash: Buffer): Slot | undefined {
    const slot = this.#partOf(hash).find(hash.readUInt32LE(0), hash.readUInt32LE(4))
    return slot < 0 ? undefined : slot * shards + hash[8]!
  }

  /** Puts a place in, over an older one of the same hash. Unchecked, without hits. */
  put(hash: Buffer, place: Place): void {
    this.#partOf(hash).put(hash.readUInt32LE(0), hash.readUInt32LE(4), place, this.#isLive)
  }

  remove(slot: Slot): void {
    const part = this.#parts[slot % shards]!
    part.slabs[Math.floor(slot / shards)] = removed
  }

  slabAt(slot: Slot): number {
    return this.#parts[slot % shards]!.slabs[Math.floor(slot / shards)]!
  }

  positionAt(slot: Slot): number {
    return this.#parts[slot % shards]!.positions[Math.floor(slot / shards)]!
  }

  lengthAt(slot: Slot): number {
    return this.#parts[slot % shards]!.lengths[Math.floor(slot / shards)]!
  }

  /** The bytes there have matched their hash. */
  isChecked(slot: Slot): boolean {
    return (this.#parts[slot % shards]!.states[Math.floor(slot / shards)]! & checkedBit) !== 0
  }

  setChecked(slot: Slot): void {
    this.#parts[slot % shards]!.states[Math.floor(slot / shards)]! |= checkedBit
  }

  /** Counts a use, up to 3. */
  hit(slot: Slot): void {
    const { states } = this.#parts[slot % shards]!
    const index = Math.floor(slot / shards)
    if ((states[index]! & hitsMask) < hitsMask) states[index]!++
  }

  /** All entries of a slab with their hits, and a number that stands for the hash. A shard a step. */
  *ofSlab(slab: number): Iterable<readonly (Place & { hits: number; fingerprint: number })[]> {
    for (const part of this.#parts) yield part.ofSlab(slab)
  }

  #partOf(hash: Buffer): Part {
    return this.#parts[hash[8]!]!
  }
}

/** A number that stands for a hash where a mistake costs nothing. */
export function fingerprintOf(hash: Buffer): number {
  return fingerprint(hash.readUInt32LE(0), hash.readUInt32LE(4))
}

function fingerprint(low: number, high: number): number {
  return low + (high & 0x1fffff) * 2 ** 32
}

/** An open-addressing table with linear probing; the keys are random already. */
class Part {
  count = 0
  slabs = new Uint32Array(firstSlots)
  positions = new Uint32Array(firstSlots)
  lengths = new Uint32Array(firstSlots)
  states = new Uint8Array(firstSlots)
  #lows = new Uint32Array(firstSlots)
  #highs = new Uint32Array(firstSlots)

  find(low: number, high: number): number {
    const mask = this.slabs.length - 1
    for (let slot = low & mask; this.slabs[slot] !== empty; slot = (slot + 1) & mask) {
      const same = this.#lows[slot] === low && this.#highs[slot] === high
      if (same && this.slabs[slot] !== removed) return slot
    }
    return -1
  }

  put(low: number, high: number, place: Place, isLive: (slab: number) => boolean): void {
    let slot = this.find(low, high)
    if (slot < 0) {
      if ((this.count + 1) * 4 > this.slabs.length * 3) this.#rebuild(isLive)
      const mask = this.slabs.length - 1
      slot = low & mask
      while (this.slabs[slot] !== empty) slot = (slot + 1) & mask
      this.count++
    }
    this.#lows[slot] = low
    this.#highs[slot] = high
    this.slabs[slot] = place.slab
    this.positions[slot] = place.position
    this.lengths[slot] = place.length
    this.states[slot] = 0
  }

  ofSlab(slab: number): (Place & { hits: number; fingerprint: number })[] {
    const found = []
    for (
      let slot = this.slabs.indexOf(slab);
      slot >= 0;
      slot = this.slabs.indexOf(slab, slot + 1)
    ) {
      found.push({
        slab,
        position: this.positions[slot]!,
        length: this.lengths[slot]!,
        hits: this.states[slot]! & hitsMask,
        fingerprint: fingerprint(this.#lows[slot]!, this.#highs[slot]!),
      })
    }
    return found
  }

  #rebuild(isLive: (slab: number) => boolean): void {
    const { slabs, positions, lengths, states } = this
    const [lows, highs] = [this.#lows, this.#highs]
    const live = slabs.reduce(
      (sum, slab) => sum + (slab !== empty && slab !== removed && isLive(slab) ? 1 : 0),
      0,
    )
    let size = firstSlots
    while (size < 2 * (live + 1)) size *= 2
    this.count = live
    this.slabs = new Uint32Array(size)
    this.positions = new Uint32Array(size)
    this.lengths = new Uint32Array(size)
    this.states = new Uint8Array(size)
    this.#lows = new Uint32Array(size)
    this.#highs = new Uint32Array(size)
    for (let old = 0; old < slabs.length; old++) {
      const slab = slabs[old]!
      if (slab === empty || slab === removed || !isLive(slab)) continue
      let slot = lows[old]! & (size - 1)
      while (this.slabs[slot] !== empty) slot = (slot + 1) & (size - 1)
      this.slabs[slot] = slab
      this.positions[slot] = positions[old]!
      this.lengths[slot] = lengths[old]!
      this.states[slot] = states[old]!
      this.#lows[slot] = lows[old]!
      this.#highs[slot] = highs[old]!
    }
  }
}
