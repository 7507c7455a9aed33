import { constants, type FileHandle, open } from 'node:fs/promises'
import type { KnownContent } from './known-content.ts'

/** Something on the drive is not what it must be. Never excused. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

const stepBytes = 1 << 20

/** Past the kernel's pages, so that the daemon is asked. */
export const pastPages = constants.O_RDONLY | constants.O_DIRECT

/** Reads a whole file and compares it. Throws Mismatch; resolves with the bytes that were read. */
export async function compareFile(
  path: string,
  content: KnownContent,
  flags: number = constants.O_RDONLY,
): Promise<number> {
  const file = await open(path, flags)
  try {
    const { size } = await file.stat()
    if (size !== content.size)
      throw new Mismatch(`${path} has ${size} bytes instead of ${content.size}`)
    for (let at = 0; at < size; at += stepBytes) await compareRange(file, path, content, at)
    return size
  } finally {
    await file.close()
  }
}

/** The same for a part of an open file. */
export async function compareRange(
  file: FileHandle,
  path: string,
  content: KnownContent,
  at: number,
  length = stepBytes,
): Promise<number> {
  const known = content.bytes(at, length)
  const got = await readFully(file, at, known.length)
  if (!got.equals(known)) throw new Mismatch(`${path} ${differenceText(got, known, at)}`)
  return got.length
}

/** So many bytes, fewer at the end of the file. */
async function readFully(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(into, done, length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return into.subarray(0, done)
}

function differenceText(got: Buffer, known: Buffer, at: number): string {
  const first = known.findIndex((byte, i) => got[i] !== byte)
  const wrong = known.reduce((sum, byte, i) => sum + Number(got[i] !== byte), 0)
  const zeros = got.subarray(first, first + 64).every((byte) => byte === 0)
  const what = got.length < known.length ? `ends at ${at + got.length}` : 'is wrong'
  return `${what}: ${wrong} of ${known.length} bytes from ${at} on differ, the first at ${at + first}${zeros ? ' (zeros)' : ''}`
}
