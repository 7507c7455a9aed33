import { codeParameters, maxBlobBytes } from '../../redstuff/parameters.ts'

/** A quilt is made in memory. */
const maxQuiltBytes = 256 << 20
/** Columns that the index takes: the encoder makes them as long as that needs. */
const indexColumns = 1
/** Of what the matrix holds: files fill whole columns, so some of it is lost. */
const usableShare = 0.8
/** What a file costs besides its bytes, in its own columns and in the index. */
const fileOverheadBytes = 128

/** A file to be published. */
export interface FileToPublish {
  /** Relative, `/` between directories, as UTF-8. */
  readonly path: string
  readonly bytes: number
}

/** No quilt holds a file. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/**
 * Which files go together into a quilt: in the order of their paths, as many as one holds. The same files give the same quilts, so that what
 * was stored and paid for before is found again. Throws TooLargeError.
 */
export function planQuilts<T extends FileToPublish>(files: readonly T[], shards: number): T[][] {
  const { secondarySymbols } = codeParameters(shards, 0)
  const most = secondarySymbols - indexColumns
  const room = Math.min(maxQuiltBytes, Math.floor(maxBlobBytes(shards) * usableShare))
  const quilts: T[][] = []
  let [quilt, used]: [T[], number] = [[], 0]
  for (const file of [...files].sort(byPath)) {
    const bytes = file.bytes + 2 * Buffer.byteLength(file.path) + fileOverheadBytes
    if (bytes > room) {
      throw new TooLargeError(
        `${file.path} is larger than the ${room} bytes that a quilt holds here`,
      )
    }
    if (quilt.length === most || used + bytes > room) {
      quilts.push(quilt)
      ;[quilt, used] = [[], 0]
    }
    quilt.push(file)
    used += bytes
  }
  if (quilt.length > 0) quilts.push(quilt)
  return quilts
}

function byPath(a: FileToPublish, b: FileToPublish): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}
