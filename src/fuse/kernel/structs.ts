import type { Attributes } from '../../tree/attributes.ts'
import { FileType } from '../../tree/inode.ts'
import type { Node } from '../../vfs/file-system.ts'

/**
 * Writers of the structs that replies are made of, into 32-bit words. Numbers above 2^32 take two words, low first; a
 * negative one comes out in two's complement, since a typed array keeps the low 32 bits of what it is given.
 */

const twoTo32 = 4294967296
/** What stat shows as the best size of a read; the kernel's cache asks for more by itself. */
const blockBytes = 4096

/** How long the kernel may believe what it is told. Seconds, fractions allowed. */
export interface Timeouts {
  readonly entrySec: number
  readonly attributeSec: number
  /** That a name does not exist; 0: it asks each time. */
  readonly negativeSec: number
}

export function put64(words: Uint32Array, at: number, value: number): void {
  const high = Math.floor(value / twoTo32)
  words[at] = value - high * twoTo32
  words[at + 1] = high
}

/** Whole seconds in two words at `secondsAt`, the rest in nanoseconds in one. */
export function putTimeout(
  words: Uint32Array,
  secondsAt: number,
  nanosecondsAt: number,
  seconds: number,
): void {
  const whole = Math.floor(seconds)
  put64(words, secondsAt, whole)
  words[nanosecondsAt] = Math.round((seconds - whole) * 1e9)
}

/** fuse_attr: 22 words. */
export function putAttributes(words: Uint32Array, at: number, attributes: Attributes): void {
  put64(words, at, attributes.ino)
  put64(words, at + 2, attributes.size)
  put64(words, at + 4, shownBlocks(attributes))
  put64(words, at + 6, attributes.atimeSec)
  put64(words, at + 8, attributes.mtimeSec)
  put64(words, at + 10, attributes.ctimeSec)
  words[at + 12] = attributes.atimeNsec
  words[at + 13] = attributes.mtimeNsec
  words[at + 14] = attributes.ctimeNsec
  words[at + 15] = attributes.mode
  words[at + 16] = attributes.nlink
  words[at + 17] = attributes.uid
  words[at + 18] = attributes.gid
  words[at + 19] = attributes.rdev
  words[at + 20] = blockBytes
  words[at + 21] = 0
}

/**
 * The kernel keeps this count while it keeps a file's new bytes to itself, and tar -S takes a file with none for one hole: a file shows at
 * least one.
 */
function shownBlocks({ mode, blocks }: Attributes): number {
  const isFile = (mode & FileType.mask) === FileType.regular
  return isFile && blocks === 0 ? 1 : blocks
}

/** fuse_entry_out: 32 words. */
export function putEntry(words: Uint32Array, at: number, node: Node, timeouts: Timeouts): void {
  put64(words, at, node.id)
  words[at + 2] = 0
  words[at + 3] = 0
  putTimeout(words, at + 4, at + 8, timeouts.entrySec)
  putTimeout(words, at + 6, at + 9, timeouts.attributeSec)
  putAttributes(words, at + 10, node.attributes)
}
