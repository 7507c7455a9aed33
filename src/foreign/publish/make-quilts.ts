import { encodeQuilt } from '@mysten/walrus'
import type { PatchPlace } from '../quilt/quilt-format.ts'

/** A file and its bytes. */
export interface FileOfQuilt {
  readonly path: string
  readonly contents: Uint8Array
  readonly tags: Readonly<Record<string, string>>
}

/** The bytes of a quilt, and where its files are in it. */
export interface MadeQuilt {
  readonly bytes: Uint8Array
  readonly places: ReadonlyMap<string, PatchPlace>
}

/** No quilt can hold these files together. */
export class FitError extends Error {
  override readonly name = 'FitError'
}

/** A quilt as the official encoder makes it. Throws FitError. */
export function makeQuilt(files: readonly FileOfQuilt[], numShards: number): MadeQuilt {
  const blobs = files.map(({ path, contents, tags }) => ({ identifier: path, contents, tags }))
  try {
    const { quilt, index } = encodeQuilt({ blobs, numShards, encodingType: 'RS2' })
    const places = index.patches.map(({ identifier, startIndex, endIndex }) => {
      return [identifier, { start: startIndex, end: endIndex }] as const
    })
    return { bytes: quilt, places: new Map(places) }
  } catch (error) {
    // The encoder has words only.
    const { message } = error as Error
    if (/oversize|Too many blobs|Index too large/i.test(message)) throw new FitError(message)
    throw error
  }
}
