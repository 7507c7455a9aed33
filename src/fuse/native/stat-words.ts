import type { Attributes } from '../../tree/attributes.ts'
import type { StatFs } from '../../vfs/file-system.ts'

/** The arrays of 32-bit words that fuse-native makes struct stat and struct statvfs of (populate_stat, populate_statvfs in its C source). */

const twoTo32 = 4294967296

export function statWords(attributes: Attributes): Uint32Array {
  const words = new Uint32Array(18)
  words[0] = attributes.mode
  words[1] = attributes.uid
  words[2] = attributes.gid
  put(words, 3, attributes.size)
  words[6] = attributes.nlink
  words[7] = shortIno(attributes.ino)
  words[8] = attributes.rdev
  words[9] = 4096
  put(words, 10, attributes.blocks)
  put(words, 12, milliseconds(attributes.atimeSec, attributes.atimeNsec))
  put(words, 14, milliseconds(attributes.mtimeSec, attributes.mtimeNsec))
  put(words, 16, milliseconds(attributes.ctimeSec, attributes.ctimeNsec))
  return words
}

/** Counts have 32 bits here: the block grows until they fit. */
export function statFsWords(stat: StatFs): Uint32Array {
  let scale = 1
  while (stat.blocks / scale >= twoTo32) scale *= 2
  const words = new Uint32Array(11)
  words[0] = stat.blockBytes * scale
  words[1] = stat.blockBytes * scale
  words[2] = stat.blocks / scale
  words[3] = stat.freeBlocks / scale
  words[4] = stat.freeBlocks / scale
  words[5] = Math.min(stat.inodes, twoTo32 - 1)
  words[6] = Math.min(stat.freeInodes, twoTo32 - 1)
  words[7] = words[6]
  words[10] = stat.maxNameBytes
  return words
}

/** An inode number in 32 bits, never 0; the same for all names of a file. */
export function shortIno(ino: number): number {
  return (ino ^ Math.floor(ino / twoTo32)) >>> 0 || 1
}

/** Times before 1970 come out as 1970: the C side counts without a sign. */
function milliseconds(sec: number, nsec: number): number {
  return Math.max(0, sec * 1000 + Math.floor(nsec / 1e6))
}

function put(words: Uint32Array, at: number, value: number): void {
  words[at] = value % twoTo32
  words[at + 1] = Math.floor(value / twoTo32)
}
