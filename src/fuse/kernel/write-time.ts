import type { Timestamp } from '../../tree/time.ts'
import { libc, Memory } from '../libc.ts'

/** clock_gettime(2) */
const CLOCK_REALTIME_COARSE = 5

let memory: Memory | undefined

/**
 * What the kernel would stamp a write with now (current_time in fs/inode.c): the time of its last tick. It keeps the times of
 * what it writes back late, and tells them in a request of its own where they are not those that it was told before.
 */
export function writeTime(): Timestamp {
  memory ??= new Memory(16)
  libc().clock_gettime(CLOCK_REALTIME_COARSE, memory.address)
  const { bytes } = memory
  const sec = bytes.readUInt32LE(0) + bytes.readInt32LE(4) * 4294967296
  return { sec, nsec: bytes.readUInt32LE(8) }
}
