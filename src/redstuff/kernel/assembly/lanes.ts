// BLAKE2b-256 of three messages at once: two in the lanes of vectors, one in plain 64-bit registers, which keeps both kinds
// of execution unit busy. `blake2b` is generated.
import { compress3 } from './blake2b'

/**
 * Working memory: [0, 256) the block of the two lanes, word by word; [256, 384) their chaining values; [384, 448) the
 * third one's; [512, 544) rotation masks; [640, 768) its block; [768, 896) the initialisation vector; [896, 1024) the
 * first chaining value; [1024, 1152) 0xff and [1152, 1280) 0x00, from which masks for a last block are cut.
 */
export let scratch: usize = 0
export const chainsAt: usize = 256
export const thirdChainAt: usize = 384
const masksAt: usize = 512
export const thirdBlockAt: usize = 640
const vectorAt: usize = 768
const firstChainAt: usize = 896
export const onesAt: usize = 1024
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

/** The lower words of two vectors side by side, and the upper ones. */
// @ts-ignore: decorator
@inline
export function lowers(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2)
}

// @ts-ignore: decorator
@inline
export function uppers(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3)
}

/** Two words of each of two messages, side by side. */
// @ts-ignore: decorator
@inline
export function interleave(to: usize, a: v128, b: v128): void {
  v128.store(to, lowers(a, b))
  v128.store(to, uppers(a, b), 16)
}

// What follows is written out, not looped: V8 unrolls such loops by half, which costs a third of the speed.

/** A whole block of the two lanes. */
// @ts-ignore: decorator
@inline
export function loadBlock(a: usize, b: usize): void {
  const to = scratch
  interleave(to, v128.load(a), v128.load(b))
  interleave(to + 32, v128.load(a, 16), v128.load(b, 16))
  interleave(to + 64, v128.load(a, 32), v128.load(b, 32))
  interleave(to + 96, v128.load(a, 48), v128.load(b, 48))
  interleave(to + 128, v128.load(a, 64), v128.load(b, 64))
  interleave(to + 160, v128.load(a, 80), v128.load(b, 80))
  interleave(to + 192, v128.load(a, 96), v128.load(b, 96))
  interleave(to + 224, v128.load(a, 112), v128.load(b, 112))
}

// @ts-ignore: decorator
@inline
export function loadThirdBlock(c: usize): void {
  const to = scratch + thirdBlockAt
  v128.store(to, v128.load(c))
  v128.store(to, v128.load(c, 16), 16)
  v128.store(to, v128.load(c, 32), 32)
  v128.store(to, v128.load(c, 48), 48)
  v128.store(to, v128.load(c, 64), 64)
  v128.store(to, v128.load(c, 80), 80)
  v128.store(to, v128.load(c, 96), 96)
  v128.store(to, v128.load(c, 112), 112)
}

/** Two words of each message, as far as the mask lets them through. */
// @ts-ignore: decorator
@inline
function loadMasked(at: usize, mask: usize, a: usize, b: usize, c: usize): void {
  const keep = v128.load(mask + at)
  const own = v128.and(v128.load(a + at), keep), other = v128.and(v128.load(b + at), keep)
  interleave(scratch + at + at, own, other)
  v128.store(scratch + at, v128.and(v128.load(c + at), keep), thirdBlockAt)
}

/** A last block, of which only `bytes` < 128 count. Reads up to 127 bytes past the message. */
// @ts-ignore: decorator
@inline
export function loadLastBlock(a: usize, b: usize, c: usize, bytes: usize): void {
  const mask = scratch + onesAt + 128 - bytes
  loadMasked(0, mask, a, b, c)
  loadMasked(16, mask, a, b, c)
  loadMasked(32, mask, a, b, c)
  loadMasked(48, mask, a, b, c)
  loadMasked(64, mask, a, b, c)
  loadMasked(80, mask, a, b, c)
  loadMasked(96, mask, a, b, c)
  loadMasked(112, mask, a, b, c)
}

/** The prefix of a leaf, in place of the foreign byte in front of each symbol. */
// @ts-ignore: decorator
@inline
export function setLeafPrefix(): void {
  v128.store(scratch, v128.and(v128.load(scratch), i64x2.splat(~0xff)))
  store<u8>(scratch, 0, thirdBlockAt)
}

// @ts-ignore: decorator
@inline
function startChain(word: usize): void {
  const first = v128.load(scratch + (word << 4), firstChainAt)
  v128.store(scratch + (word << 4), first, chainsAt)
  store<u64>(scratch + (word << 3), v128.extract_lane<u64>(first, 0), thirdChainAt)
}

// @ts-ignore: decorator
@inline
export function startChains(): void {
  startChain(0)
  startChain(1)
  startChain(2)
  startChain(3)
  startChain(4)
  startChain(5)
  startChain(6)
  startChain(7)
}

/** Saves or restores the chaining values of three messages. */
export function copyChains(to: usize, from: usize): void {
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 16), 16)
  v128.store(to, v128.load(from, 32), 32)
  v128.store(to, v128.load(from, 48), 48)
  v128.store(to, v128.load(from, 64), 64)
  v128.store(to, v128.load(from, 80), 80)
  v128.store(to, v128.load(from, 96), 96)
  v128.store(to, v128.load(from, 112), 112)
  v128.store(to, v128.load(from, 128), 128)
  v128.store(to, v128.load(from, 144), 144)
  v128.store(to, v128.load(from, 160), 160)
  v128.store(to, v128.load(from, 176), 176)
}

// @ts-ignore: decorator
@inline
export function storeDigests(a: usize, b: usize, c: usize): void {
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
export function compress(third: usize, length: usize, last: bool): void {
  const at = scratch
  const flag: u64 = last ? u64.MAX_VALUE : 0
  compress3(at + chainsAt, at, at + thirdChainAt, third, length as u64, flag)
}

