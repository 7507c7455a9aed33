import type { Attributes } from '../../src/tree/attributes.ts'
import { struct } from './fake-kernel.ts'

/** Attributes that are all different and use every bit they may. */
export const sample: Attributes = {
  ino: 2 ** 53 - 1,
  mode: 0o104755,
  nlink: 3,
  uid: 0xfffffffe,
  gid: 7,
  rdev: 0x12345678,
  size: 5_000_000_000,
  blocks: 9_765_625,
  atimeSec: -1,
  atimeNsec: 999_999_999,
  mtimeSec: 4_294_967_296 + 5,
  mtimeNsec: 1,
  ctimeSec: -5_000_000_000,
  ctimeNsec: 2,
}

/** The same as struct fuse_attr. */
export const sampleBytes = struct(
  ['u64', 2n ** 53n - 1n],
  ['u64', 5_000_000_000],
  ['u64', 9_765_625],
  ['i64', -1],
  ['i64', 4_294_967_301],
  ['i64', -5_000_000_000],
  ['u32', 999_999_999],
  ['u32', 1],
  ['u32', 2],
  ['u32', 0o104755],
  ['u32', 3],
  ['u32', 0xfffffffe],
  ['u32', 7],
  ['u32', 0x12345678],
  ['u32', 4096],
  ['u32', 0],
)

/** struct fuse_attr_out of the sample, with the timeouts of the fake kernel's session. */
export const sampleAttributesReply = Buffer.concat([
  struct(['u64', 2], ['u32', 250_000_000], ['u32', 0]),
  sampleBytes,
])

/** struct fuse_entry_out of the sample as node `id`. */
export function sampleEntry(id: number): Buffer {
  const head = struct(
    ['u64', id],
    ['u64', 0],
    ['u64', 1],
    ['u64', 2],
    ['u32', 500_000_000],
    ['u32', 250_000_000],
  )
  return Buffer.concat([head, sampleBytes])
}
