import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Slivers on the nodes' disks take so many times a blob's bytes, with metadata. */
const expansion = 5
/** What the mounts may use: the cache, what is not stored yet, packs on their way. */
const atMounts = 4e9

/** Memory and disk that the mounts of large files may use, as flags. */
export const boundFlags: readonly string[] = [
  '--cache-size',
  '1G',
  '--memory',
  '128M',
  '--dirty-limit',
  '1G',
]

/** Throws where the devnet, which lies in TMPDIR, cannot hold so much. */
export function requireDisk(bytes: number): void {
  const { bavail, bsize } = statfsSync(tmpdir())
  const [free, needed] = [bavail * bsize, bytes * expansion + atMounts]
  if (free >= needed) return
  throw new Error(
    `the devnet would need ${gigabytes(needed)} in ${tmpdir()}, and ${gigabytes(free)} are free: set TMPDIR to a larger disk, or give a smaller --bytes`,
  )
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
