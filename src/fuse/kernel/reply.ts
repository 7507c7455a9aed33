import type { Attributes } from '../../tree/attributes.ts'
import type { HandleId, LockRange, Node, Opened, StatFs } from '../../vfs/file-system.ts'
import { Errno } from '../../terms/errno.ts'
import { Memory } from '../libc.ts'
import { put64, putAttributes, putEntry, putTimeout } from './structs.ts'
import type { Timeouts } from './structs.ts'
import { attributesBytes, entryBytes, OpenReplyFlag, replyHeaderBytes } from './protocol.ts'

const pageBytes = 4096
/** The first word after the header (fuse_out_header). */
const bodyWord = replyHeaderBytes / 4
/** The end of a lock that has none, in the kernel's two words: OFFSET_MAX. */
const endless = { low: 0xffffffff, high: 0x7fffffff } as const

/** The reply being written, in place: one buffer for all replies of a session. */
export class Reply {
  readonly memory: Memory
  readonly words: Uint32Array
  readonly timeouts: Timeouts
  /** {@link OpenReplyFlag}s of every file that is opened. */
  fileFlags = 0
  readonly #pages: Uint8Array[] = []
  #length = replyHeaderBytes

  /** `maxBytes`: the largest body. */
  constructor(maxBytes: number, timeouts: Timeouts) {
    this.memory = new Memory(replyHeaderBytes + maxBytes + entryBytes)
    this.words = new Uint32Array(this.memory.bytes.buffer)
    this.timeouts = timeouts
  }

  /** Bytes of the whole message so far. */
  get length(): number {
    return this.#length
  }

  /** Starts the reply to the request with this unique number (two words). */
  begin(uniqueLow: number, uniqueHigh: number): void {
    this.#length = replyHeaderBytes
    this.words[1] = 0
    this.words[2] = uniqueLow
    this.words[3] = uniqueHigh
  }

  /** Makes it a failure. `number`: a positive errno. */
  fail(number: number): void {
    this.#length = replyHeaderBytes
    this.words[1] = -number
  }

  /** Ends it: `more` bytes follow that are not in this buffer. */
  finish(more = 0): void {
    this.words[0] = this.#length + more
  }

  /** Room for a body of `length` bytes, in a view that is used again. What is written there counts after {@link took}. */
  room(length: number): Uint8Array {
    const end = replyHeaderBytes + length
    if (length % pageBytes !== 0) return this.memory.bytes.subarray(replyHeaderBytes, end)
    return (this.#pages[length / pageBytes] ??= this.memory.bytes.subarray(replyHeaderBytes, end))
  }

  /** The body is the first `length` bytes of the room. */
  took(length: number): void {
    this.#length = replyHeaderBytes + length
  }

  bytes(body: Uint8Array): void {
    this.memory.bytes.set(body, replyHeaderBytes)
    this.#length = replyHeaderBytes + body.length
  }

  /** A count in the first word of eight bytes: fuse_write_out, fuse_getxattr_out. */
  count(value: number): void {
    this.words[bodyWord] = value
    this.words[bodyWord + 1] = 0
    this.#length = replyHeaderBytes + 8
  }

  /** fuse_lseek_out, fuse_copy_file_range_out */
  position(value: number): void {
    put64(this.words, bodyWord, value)
    this.#length = replyHeaderBytes + 8
  }

  /** fuse_entry_out */
  entry(node: Node): void {
    putEntry(this.words, bodyWord, node, this.timeouts)
    this.#length = replyHeaderBytes + entryBytes
  }

  /** There is no such name: ENOENT, or a fuse_entry_out that says so and that this may be believed for a while. */
  absentEntry(): void {
    if (this.timeouts.negativeSec <= 0) return this.fail(Errno.ENOENT)
    this.words.fill(0, bodyWord, bodyWord + entryBytes / 4)
    putTimeout(this.words, bodyWord + 4, bodyWord + 8, this.timeouts.negativeSec)
    this.#length = replyHeaderBytes + entryBytes
  }

  /** fuse_attr_out */
  attributes(attributes: Attributes): void {
    putTimeout(this.words, bodyWord, bodyWord + 2, this.timeouts.attributeSec)
    this.words[bodyWord + 1] = 0
    this.words[bodyWord + 3] = 0
    putAttributes(this.words, bodyWord + 4, attributes)
    this.#length = replyHeaderBytes + 16 + attributesBytes
  }

  /** fuse_open_out. `backing`: the number of the file that the kernel reads from; 0 for none. */
  opened(opened: Opened, backing: number): void {
    const flags = this.fileFlags | openFlags(opened, backing)
    putOpened(this.words, bodyWord, opened.handle, flags, backing)
    this.#length = replyHeaderBytes + 16
  }

  /** fuse_open_out of a directory: with `keepCache` the kernel may keep the list of names, too. */
  openedDirectory(opened: Opened): void {
    const flags = opened.keepCache ? OpenReplyFlag.keepCache | OpenReplyFlag.cacheDirectory : 0
    putOpened(this.words, bodyWord, opened.handle, flags, 0)
    this.#length = replyHeaderBytes + 16
  }

  /** fuse_entry_out and fuse_open_out */
  created(node: Node, opened: Opened, backing: number): void {
    const openWord = bodyWord + entryBytes / 4
    putEntry(this.words, bodyWord, node, this.timeouts)
    const flags = this.fileFlags | openFlags(opened, backing)
    putOpened(this.words, openWord, opened.handle, flags, backing)
    this.#length = replyHeaderBytes + entryBytes + 16
  }

  /** fuse_statfs_out */
  statfs(stat: StatFs): void {
    const { words } = this
    words.fill(0, bodyWord, bodyWord + 20)
    put64(this.words, bodyWord, stat.blocks)
    put64(this.words, bodyWord + 2, stat.freeBlocks)
    put64(this.words, bodyWord + 4, stat.freeBlocks)
    put64(this.words, bodyWord + 6, stat.inodes)
    put64(this.words, bodyWord + 8, stat.freeInodes)
    words[bodyWord + 10] = stat.blockBytes
    words[bodyWord + 11] = stat.maxNameBytes
    words[bodyWord + 12] = stat.blockBytes
    this.#length = replyHeaderBytes + 80
  }

  /** fuse_lk_out: the lock in the way, or F_UNLCK (2). */
  lock(lock: LockRange | undefined): void {
    const { words } = this
    words.fill(0, bodyWord, bodyWord + 6)
    words[bodyWord + 4] = 2
    this.#length = replyHeaderBytes + 24
    if (lock === undefined) return
    put64(this.words, bodyWord, lock.start)
    if (lock.end === Number.MAX_SAFE_INTEGER) {
      words[bodyWord + 2] = endless.low
      words[bodyWord + 3] = endless.high
    } else put64(this.words, bodyWord + 2, lock.end)
    words[bodyWord + 4] = lock.type === 'read' ? 0 : lock.type === 'write' ? 1 : 2
    words[bodyWord + 5] = lock.pid
  }
}

/** Neither of the other two goes with passthrough. */
function openFlags(opened: Opened, backing: number): number {
  if (backing !== 0) return OpenReplyFlag.passthrough
  const direct = opened.directIo ? OpenReplyFlag.directIo : 0
  return opened.keepCache ? direct | OpenReplyFlag.keepCache : direct
}

/** fuse_open_out */
function putOpened(
  words: Uint32Array,
  at: number,
  handle: HandleId,
  flags: number,
  backing: number,
): void {
  put64(words, at, handle)
  words[at + 2] = flags
  words[at + 3] = backing
}
