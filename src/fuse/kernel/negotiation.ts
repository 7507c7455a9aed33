import { InitFlag, InitFlag2, protocol, replyHeaderBytes } from './protocol.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

/** What the mount asks of the kernel. */
export interface Wishes {
  /** Nothing is opened for writing. */
  readonly readOnly: boolean
  readonly writebackCache: boolean
  /** Kernels have it without the writeback cache only. */
  readonly passthrough: boolean
  readonly maxWriteBytes: number
  readonly maxReadAheadBytes: number
  /** Of this machine's memory. */
  readonly pageBytes: number
}

/** What kernel and driver agreed on. */
export interface Negotiated {
  readonly minor: number
  readonly writebackCache: boolean
  readonly passthrough: boolean
  readonly readdirplus: boolean
  /** The kernel does not apply the umask, but tells it (needed for default ACLs). */
  readonly tellsUmask: boolean
  readonly setxattrExtended: boolean
  readonly maxWriteBytes: number
}

/** Requests that the kernel may send by itself (read-ahead, write-back) before it slows down its callers. */
const maxBackground = 64
const congestionThreshold = 48

/**
 * Not FUSE_ASYNC_DIO: the kernel drops its pages of what is written past them only when it waits for the write, so a buffered reader
 * beside an asynchronous writer would go on seeing what was there before (xfstests generic/451).
 */
const wanted =
  InitFlag.asyncRead |
  InitFlag.posixLocks |
  InitFlag.atomicTruncate |
  InitFlag.bigWrites |
  InitFlag.flockLocks |
  InitFlag.readdirplus |
  InitFlag.readdirplusAuto |
  InitFlag.parallelDirectoryOperations |
  InitFlag.maxPages |
  InitFlag.cacheSymlinks |
  InitFlag.explicitInvalidation |
  InitFlag.handleKillPrivilegesV2 |
  InitFlag.setxattrExtended |
  InitFlag.extended

/** With these the kernel checks ACLs, and the file system cuts modes down by umask or default ACL. */
const wantedForAcls = InitFlag.posixAcl | InitFlag.dontMask
const wanted2 = InitFlag2.directIoAllowMmap

/**
 * Answers INIT (fuse_init_in, fuse_init_out) in the reply's body. Undefined if the kernel's protocol is older than 7.31 (Linux 5.4);
 * the reply is not written then.
 */
export function negotiate(request: Request, reply: Reply, wishes: Wishes): Negotiated | undefined {
  const [major, minor] = [request.word(10), request.word(11)]
  if (major !== protocol.major || minor < protocol.oldestMinor) return undefined
  const offered = request.word(13)
  const acls = (offered & wantedForAcls) === wantedForAcls ? wantedForAcls : 0
  const writeback = wishes.writebackCache ? InitFlag.writebackCache : 0
  const flags = (wanted | acls | writeback) & offered
  const passthrough = wishes.passthrough && writeback === 0 ? InitFlag2.passthrough : 0
  const flags2 = flags & InitFlag.extended ? (wanted2 | passthrough) & request.word(14) : 0
  const agreedMinor = Math.min(minor, protocol.newestMinor)
  const readAhead = Math.min(request.word(12), wishes.maxReadAheadBytes)
  writeReply(reply, wishes, [agreedMinor, readAhead, flags, flags2])
  return {
    minor: agreedMinor,
    writebackCache: (flags & InitFlag.writebackCache) !== 0,
    passthrough: (flags2 & InitFlag2.passthrough) !== 0,
    readdirplus: (flags & InitFlag.readdirplus) !== 0,
    tellsUmask: (flags & InitFlag.dontMask) !== 0,
    setxattrExtended: (flags & InitFlag.setxattrExtended) !== 0,
    maxWriteBytes: wishes.maxWriteBytes,
  }
}

/** For `status`: `kernel 7.45, 1 MiB requests, writeback cache, readdirplus`. */
export function describe(negotiated: Negotiated): string {
  const facts = [
    `kernel ${protocol.major}.${negotiated.minor}`,
    `${negotiated.maxWriteBytes / 1048576} MiB requests`,
    negotiated.writebackCache && 'writeback cache',
    negotiated.readdirplus && 'readdirplus',
    negotiated.tellsUmask && 'access control lists',
  ]
  return facts.filter(Boolean).join(', ')
}

function writeReply(
  reply: Reply,
  { maxWriteBytes, pageBytes }: Wishes,
  [minor, readAhead, flags, flags2]: readonly [number, number, number, number],
): void {
  const body = replyHeaderBytes / 4
  const { words } = reply
  words.fill(0, body, body + 16)
  words[body] = protocol.major
  words[body + 1] = minor
  words[body + 2] = readAhead
  words[body + 3] = flags
  words[body + 4] = maxBackground | (congestionThreshold << 16)
  words[body + 5] = maxWriteBytes
  words[body + 6] = 1 // Times are kept to the nanosecond.
  words[body + 7] = maxWriteBytes / pageBytes
  words[body + 8] = flags2
  // Files to read from may not lie on a file system that stands on another; ours may have one such above it.
  words[body + 9] = flags2 & InitFlag2.passthrough ? 1 : 0
  reply.took(64)
}
