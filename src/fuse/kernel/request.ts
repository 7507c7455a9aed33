import { FsError } from '../../terms/errno.ts'
import type { Name } from '../../terms/name.ts'
import type { Timestamp } from '../../tree/time.ts'
import type { Caller } from '../../vfs/file-system.ts'
import { Memory } from '../libc.ts'
import { requestHeaderBytes, requestRoomBytes } from './protocol.ts'

const twoTo32 = 4294967296
const pageBytes = 4096
/** After the header and fuse_write_in. */
const writtenAt = requestHeaderBytes + 40

/**
 * The request being answered, read in place: one buffer for all requests of a session. Fields are addressed by their
 * 32-bit word in the whole message; the header takes the first ten (fuse_in_header).
 */
export class Request {
  readonly memory: Memory
  readonly words: Uint32Array
  readonly #bytes: Buffer
  /** Views of the bytes of a WRITE, by their count in pages: most writes are whole pages. */
  readonly #pages: Uint8Array[] = []

  /** `maxWriteBytes`: the most that a WRITE carries. */
  constructor(maxWriteBytes: number) {
    this.memory = new Memory(maxWriteBytes + requestRoomBytes)
    this.#bytes = this.memory.bytes
    this.words = new Uint32Array(this.#bytes.buffer)
  }

  get length(): number {
    return this.words[0]!
  }

  get opcode(): number {
    return this.words[1]!
  }

  get node(): number {
    return this.words[4]! + this.words[5]! * twoTo32
  }

  get pid(): number {
    return this.words[8]!
  }

  word(at: number): number {
    return this.words[at]!
  }

  /** Who asks. The umask is told only where the kernel has not applied it. */
  caller(umask?: number): Caller {
    return { uid: this.words[6]!, gid: this.words[7]!, pid: this.words[8]!, umask }
  }

  /** An unsigned 64-bit number; exact up to 2^53. */
  u64(at: number): number {
    return this.words[at]! + this.words[at + 1]! * twoTo32
  }

  /** A position in a file, or a length. Throws EFBIG beyond 2^53 - 1. */
  position(at: number): number {
    const value = this.u64(at)
    if (value > Number.MAX_SAFE_INTEGER) throw new FsError('EFBIG')
    return value
  }

  /** All 64 bits: owners of locks are scrambled pointers. */
  bigU64(at: number): bigint {
    return (BigInt(this.words[at + 1]!) << 32n) | BigInt(this.words[at]!)
  }

  /** Seconds as two words (signed) at `at`, nanoseconds in the word `nanoseconds`. */
  time(at: number, nanoseconds: number): Timestamp {
    const sec = this.words[at]! + (this.words[at + 1]! | 0) * twoTo32
    return { sec, nsec: this.words[nanoseconds]! }
  }

  /** The one name that ends the request, after `argumentBytes` of arguments. */
  lastName(argumentBytes: number): Name {
    return this.#name(requestHeaderBytes + argumentBytes, this.length - 1)
  }

  /** The first of two NUL-terminated strings; the second follows it. */
  firstName(argumentBytes: number): Name {
    const start = requestHeaderBytes + argumentBytes
    return this.#name(start, this.#endOf(start))
  }

  /** What follows `argumentBytes` of arguments and a first name: the bytes of a second string, without its NUL. */
  secondString(argumentBytes: number): Uint8Array {
    const start = this.#endOf(requestHeaderBytes + argumentBytes) + 1
    return this.#bytes.subarray(start, this.#endOf(start))
  }

  secondName(argumentBytes: number): Name {
    const start = this.#endOf(requestHeaderBytes + argumentBytes) + 1
    return this.#name(start, this.#endOf(start))
  }

  /** `length` bytes after a first name. */
  afterName(argumentBytes: number, length: number): Uint8Array {
    const start = this.#endOf(requestHeaderBytes + argumentBytes) + 1
    if (start + length > this.length) throw malformed()
    return this.#bytes.subarray(start, start + length)
  }

  /** The bytes of a WRITE, in a view that is used again. */
  written(length: number): Uint8Array {
    const end = writtenAt + length
    if (end > this.length) throw malformed()
    if (length % pageBytes !== 0) return this.#bytes.subarray(writtenAt, end)
    return (this.#pages[length / pageBytes] ??= this.#bytes.subarray(writtenAt, end))
  }

  #endOf(start: number): number {
    const end = this.#bytes.indexOf(0, start)
    if (end < 0 || end >= this.length) throw malformed()
    return end
  }

  #name(start: number, end: number): Name {
    if (end <= start) throw malformed()
    return this.#bytes.toString('latin1', start, end) as Name
  }
}

function malformed(): FsError {
  return new FsError('EINVAL', 'the kernel sent a malformed request')
}
