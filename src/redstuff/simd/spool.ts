import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

const sliceBytes = 4 << 20

/** A file without a name, gone with its last descriptor. */
export async function openSpool(directory: string): Promise<FileHandle> {
  const path = join(directory, `walrusfs-spool-${randomBytes(8).toString('hex')}`)
  const handle = await open(path, 'wx+', 0o600)
  await unlink(path)
  return handle
}

/** Writes bytes of any length. */
export async function writeToSpool(
  spool: FileHandle,
  bytes: Uint8Array,
  position: number,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    signal.throwIfAborted()
    const length = Math.min(sliceBytes, bytes.length - done)
    const { bytesWritten } = await spool.write(bytes, done, length, position + done)
    done += bytesWritten
  }
}

/** Reads into all of `into`; answers how many bytes there were before the file's end. */
export async function readUpTo(
  file: FileHandle,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}
