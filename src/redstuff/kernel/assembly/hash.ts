// Hashes of leaves and nodes of the Merkle trees, three at a time.
import { inner3, single3, tiny3 } from './blake2b'
import {
  chainsAt,
  compress,
  copyChains,
  interleave,
  loadBlock,
  loadLastBlock,
  loadThirdBlock,
  lowers,
  onesAt,
  scratch,
  setLeafPrefix,
  startChains,
  storeDigests,
  thirdBlockAt,
  thirdChainAt,
  uppers,
} from './lanes'

/** The leaf hashes of three symbols of at most 15 bytes: two words of message. */
export function hashTinyLeaves(
  a: usize,
  b: usize,
  c: usize,
  length: usize,
  oa: usize,
  ob: usize,
  oc: usize,
): void {
  const at = scratch
  const keep = v128.and(v128.load(at + onesAt + 128 - length), i64x2(~0xff, -1))
  interleave(at, v128.and(v128.load(a), keep), v128.and(v128.load(b), keep))
  const third = v128.and(v128.load(c), keep)
  store<u64>(at, v128.extract_lane<u64>(third, 0), thirdBlockAt)
  store<u64>(at, v128.extract_lane<u64>(third, 1), thirdBlockAt + 8)
  tiny3(at + chainsAt, at, at + thirdChainAt, at + thirdBlockAt, length as u64, u64.MAX_VALUE)
  storeDigests(oa, ob, oc)
}

/** The leaf hashes of three symbols of at most 127 bytes. */
export function hashShortLeaves(
  a: usize,
  b: usize,
  c: usize,
  length: usize,
  oa: usize,
  ob: usize,
  oc: usize,
): void {
  const at = scratch
  if (length == 128) {
    loadBlock(a, b)
    loadThirdBlock(c)
  } else {
    loadLastBlock(a, b, c, length)
  }
  setLeafPrefix()
  single3(at + chainsAt, at, at + thirdChainAt, at + thirdBlockAt, length as u64, u64.MAX_VALUE)
  storeDigests(oa, ob, oc)
}

/** The same for symbols of at least 128 bytes, as {@link hashLeaves} says. */
export function hashLongLeaves(
  a: usize,
  b: usize,
  c: usize,
  from: usize,
  to: usize,
  length: usize,
  state: usize,
  oa: usize,
  ob: usize,
  oc: usize,
): void {
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
  const last = to + 1 == length
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
  if (length <= 16) hashTinyLeaves(a - 1, b - 1, c - 1, length, oa, ob, oc)
  else if (length <= 128) hashShortLeaves(a - 1, b - 1, c - 1, length, oa, ob, oc)
  else hashLongLeaves(a - 1, b - 1, c - 1, from, to, length, state, oa, ob, oc)
}

/** Words 4k + 1 … 4k + 3 of the message: those that lie within one child, at `a` and `b`. */
// @ts-ignore: decorator
@inline
function loadInnerWords(to: usize, a: usize, b: usize): void {
  const a1 = v128.load(a, 7), b1 = v128.load(b, 7)
  v128.store(to, lowers(a1, b1), 16)
  v128.store(to, uppers(a1, b1), 32)
  v128.store(to, uppers(v128.load(a, 15), v128.load(b, 15)), 48)
}

/** The message 0x01 ‖ left ‖ right of the two lanes. */
// @ts-ignore: decorator
@inline
function loadNodes(l0: usize, r0: usize, l1: usize, r1: usize): void {
  const to = scratch
  const first = lowers(v128.load(l0), v128.load(l1))
  v128.store(to, v128.or(i64x2.shl(first, 8), i64x2.splat(1)))
  loadInnerWords(to, l0, l1)
  const end = uppers(v128.load(l0, 16), v128.load(l1, 16))
  const next = lowers(v128.load(r0), v128.load(r1))
  v128.store(to, v128.or(i64x2.shl(next, 8), i64x2.shr_u(end, 56)), 64)
  loadInnerWords(to + 64, r0, r1)
  const last = uppers(v128.load(r0, 16), v128.load(r1, 16))
  v128.store(to, i64x2.shr_u(last, 56), 128)
}

/** The message 0x01 ‖ left ‖ right of the third one, word by word: a word is loaded as it was stored. */
// @ts-ignore: decorator
@inline
function loadThirdNode(left: usize, right: usize): void {
  const to = scratch + thirdBlockAt
  store<u64>(to, (load<u64>(left) << 8) | 1)
  store<u64>(to, load<u64>(left, 7), 8)
  store<u64>(to, load<u64>(left, 15), 16)
  store<u64>(to, load<u64>(left, 23), 24)
  store<u64>(to, (load<u64>(right) << 8) | (load<u8>(left, 31) as u64), 32)
  store<u64>(to, load<u64>(right, 7), 40)
  store<u64>(to, load<u64>(right, 15), 48)
  store<u64>(to, load<u64>(right, 23), 56)
  store<u64>(to, load<u8>(right, 31) as u64, 64)
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
