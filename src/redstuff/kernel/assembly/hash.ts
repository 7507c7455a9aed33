// BLAKE2b-256 of three messages at once: two in the lanes of vectors, one in plain 64-bit registers, which keeps both kinds
// of execution unit busy. `blake2b` is generated.
import { compress3, inner3, single3 } from './blake2b'

/**
 * Working memory: [0, 256) the block of the two lanes, word by word; [256, 384) their chaining values; [384, 448) the
 * third one's; [512, 544) rotation masks; [640, 768) its block; [768, 896) the initialisation vector; [896, 1024) the
 * first chaining value; [1024, 1152) 0xff and [1152, 1280) 0x00, from which masks for a last block are cut.
 */
let scratch: usize = 0
const chainsAt: usize = 256
const thirdChainAt: usize = 384
const masksAt: usize = 512
const thirdBlockAt: usize = 640
const vectorAt: usize = 768
const firstChainAt: usize = 896
const onesAt: usize = 1024
/** Bytes of the chaining values of three unfinished messages. */
export const stateBytes: usize = 192

function setVector(word: usize, value: u64): void {
  const at = scratch + (word << 4)
  v128.store(at, i64x2.splat(value as i64), vectorAt)
  // A digest of 32 bytes, no key, fanout and depth 1.
  v128.store(at, i64x2.splat((word == 0 ? value ^ 0x01010020 : value) as i64), firstChainAt)
}

/** Fills the constants. */
export function setScratch(address: usize): void {
  scratch = address
  v128.store(address, i8x16(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10), masksAt)
  v128.store(address, i8x16(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9), masksAt + 16)
  setVector(0, 0x6a09e667f3bcc908)
  setVector(1, 0xbb67ae8584caa73b)
  setVector(2, 0x3c6ef372fe94f82b)
  setVector(3, 0xa54ff53a5f1d36f1)
  setVector(4, 0x510e527fade682d1)
  setVector(5, 0x9b05688c2b3e6c1f)
  setVector(6, 0x1f83d9abfb41bd6b)
  setVector(7, 0x5be0cd19137e2179)
  memory.fill(address + onesAt, 0xff, 128)
  memory.fill(address + onesAt + 128, 0, 128)
}

/** Two words of each of two messages, side by side. */
// @ts-ignore: decorator
@inline
function interleave(to: usize, a: v128, b: v128): void {
  v128.store(to, v128.shuffle<i64>(a, b, 0, 2))
  v128.store(to, v128.shuffle<i64>(a, b, 1, 3), 16)
}

/** A whole block of the two lanes. */
// @ts-ignore: decorator
@inline
function loadBlock(a: usize, b: usize): void {
  for (let at: usize = 0; at < 128; at += 16) {
    interleave(scratch + at + at, v128.load(a + at), v128.load(b + at))
  }
}

// @ts-ignore: decorator
@inline
function loadThirdBlock(c: usize): void {
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(scratch + at, v128.load(c + at), thirdBlockAt)
  }
}

/** A last block, of which only `bytes` < 128 count. Reads up to 127 bytes past the message. */
// @ts-ignore: decorator
@inline
function loadLastBlock(a: usize, b: usize, c: usize, bytes: usize): void {
  const mask = scratch + onesAt + 128 - bytes
  for (let at: usize = 0; at < 128; at += 16) {
    const keep = v128.load(mask + at)
    const own = v128.and(v128.load(a + at), keep), other = v128.and(v128.load(b + at), keep)
    interleave(scratch + at + at, own, other)
    v128.store(scratch + at, v128.and(v128.load(c + at), keep), thirdBlockAt)
  }
}

/** The prefix of a leaf, in place of the foreign byte in front of each symbol. */
// @ts-ignore: decorator
@inline
function setLeafPrefix(): void {
  v128.store(scratch, v128.and(v128.load(scratch), i64x2.splat(~0xff)))
  store<u8>(scratch, 0, thirdBlockAt)
}

// @ts-ignore: decorator
@inline
function startChains(): void {
  for (let word: usize = 0; word < 8; word++) {
    const from = scratch + (word << 4)
    v128.store(from, v128.load(from, firstChainAt), chainsAt)
    store<u64>(scratch + (word << 3), load<u64>(from, firstChainAt), thirdChainAt)
  }
}

function copyChains(to: usize, from: usize): void {
  for (let at: usize = 0; at < stateBytes; at += 16) v128.store(to + at, v128.load(from + at))
}

// @ts-ignore: decorator
@inline
function storeDigests(a: usize, b: usize, c: usize): void {
  const at = scratch
  const w0 = v128.load(at, chainsAt), w1 = v128.load(at, chainsAt + 16)
  const w2 = v128.load(at, chainsAt + 32), w3 = v128.load(at, chainsAt + 48)
  v128.store(a, v128.shuffle<i64>(w0, w1, 0, 2))
  v128.store(a, v128.shuffle<i64>(w2, w3, 0, 2), 16)
  v128.store(b, v128.shuffle<i64>(w0, w1, 1, 3))
  v128.store(b, v128.shuffle<i64>(w2, w3, 1, 3), 16)
  v128.store(c, v128.load(at, thirdChainAt))
  v128.store(c, v128.load(at, thirdChainAt + 16), 16)
}

// @ts-ignore: decorator
@inline
function compress(third: usize, length: usize, last: bool): void {
  const at = scratch
  const flag: u64 = last ? u64.MAX_VALUE : 0
  compress3(at + chainsAt, at, at + thirdChainAt, third, length as u64, flag)
}

/** The leaf hashes of three symbols of at most 127 bytes. */
// @ts-ignore: decorator
@inline
function hashShort(a: usize, b: usize, c: usize, length: usize): void {
  const at = scratch
  if (length == 128) {
    loadBlock(a, b)
    loadThirdBlock(c)
  } else {
    loadLastBlock(a, b, c, length)
  }
  setLeafPrefix()
  single3(at + chainsAt, at, at + thirdChainAt, at + thirdBlockAt, length as u64, u64.MAX_VALUE)
}

/**
 * Leaf hashes of three symbols at a, b and c, as far as their bytes [from, to) bring them: where `to` is their length the
 * digests go to oa, ob and oc, else the chaining values to `state`, from which the next part takes them. `from`, and `to`
 * but at the end, are multiples of 128; the byte before `from` is read, too.
 */
export function hashLeaves(
  a: usize,
  b: usize,
  c: usize,
  from: usize,
  to: usize,
  symbolBytes: usize,
  state: usize,
  oa: usize,
  ob: usize,
  oc: usize,
): void {
  const length = symbolBytes + 1
  a--
  b--
  c--
  if (length <= 128) {
    hashShort(a, b, c, length)
    storeDigests(oa, ob, oc)
    return
  }
  let at = from
  if (from == 0) {
    loadBlock(a, b)
    loadThirdBlock(c)
    setLeafPrefix()
    startChains()
    compress(scratch + thirdBlockAt, 128, false)
    at = 128
  } else {
    copyChains(scratch + chainsAt, state)
  }
  const last = to == symbolBytes
  for (const end = last ? length - 1 : to; at + 128 <= end; at += 128) {
    loadBlock(a + at, b + at)
    compress(c + at, at + 128, false)
  }
  if (!last) {
    copyChains(state, scratch + chainsAt)
    return
  }
  if (at + 128 == length) {
    loadBlock(a + at, b + at)
    compress(c + at, length, true)
  } else {
    loadLastBlock(a + at, b + at, c + at, length - at)
    compress(scratch + thirdBlockAt, length, true)
  }
  storeDigests(oa, ob, oc)
}

// @ts-ignore: decorator
@inline
function shiftIn(to: usize, words: v128, before: v128): void {
  v128.store(to, v128.or(i64x2.shl(words, 8), i64x2.shr_u(before, 56)))
}

/** The message 0x01 ‖ left ‖ right of the two lanes. */
// @ts-ignore: decorator
@inline
function loadNodes(l0: usize, r0: usize, l1: usize, r1: usize): void {
  const to = scratch
  const a0 = v128.load(l0), b0 = v128.load(l1), a1 = v128.load(l0, 16), b1 = v128.load(l1, 16)
  const a2 = v128.load(r0), b2 = v128.load(r1), a3 = v128.load(r0, 16), b3 = v128.load(r1, 16)
  const w0 = v128.shuffle<i64>(a0, b0, 0, 2), w1 = v128.shuffle<i64>(a0, b0, 1, 3)
  const w2 = v128.shuffle<i64>(a1, b1, 0, 2), w3 = v128.shuffle<i64>(a1, b1, 1, 3)
  const w4 = v128.shuffle<i64>(a2, b2, 0, 2), w5 = v128.shuffle<i64>(a2, b2, 1, 3)
  const w6 = v128.shuffle<i64>(a3, b3, 0, 2), w7 = v128.shuffle<i64>(a3, b3, 1, 3)
  v128.store(to, v128.or(i64x2.shl(w0, 8), i64x2.splat(1)))
  shiftIn(to + 16, w1, w0)
  shiftIn(to + 32, w2, w1)
  shiftIn(to + 48, w3, w2)
  shiftIn(to + 64, w4, w3)
  shiftIn(to + 80, w5, w4)
  shiftIn(to + 96, w6, w5)
  shiftIn(to + 112, w7, w6)
  v128.store(to, i64x2.shr_u(w7, 56), 128)
}

/** The message 0x01 ‖ left ‖ right of the third one. */
// @ts-ignore: decorator
@inline
function loadThirdNode(left: usize, right: usize): void {
  const to = scratch + thirdBlockAt
  store<u8>(to, 1)
  v128.store(to, v128.load(left), 1)
  v128.store(to, v128.load(left, 16), 17)
  v128.store(to, v128.load(right), 33)
  v128.store(to, v128.load(right, 16), 49)
  store<u64>(to, load<u64>(right, 24) >> 56, 64)
}

/** Three inner nodes. Outputs may lie where inputs of the same call do. */
export function hashNodes(
  l0: usize,
  r0: usize,
  l1: usize,
  r1: usize,
  l2: usize,
  r2: usize,
  o0: usize,
  o1: usize,
  o2: usize,
): void {
  const at = scratch
  loadNodes(l0, r0, l1, r1)
  loadThirdNode(l2, r2)
  inner3(at + chainsAt, at, at + thirdChainAt, at + thirdBlockAt, 65, u64.MAX_VALUE)
  storeDigests(o0, o1, o2)
}
