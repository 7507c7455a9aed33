import { open } from 'node:fs/promises'
import type { EncodeSource } from './codec.ts'

/** Bytes of the blob. */
export function sourceLength(source: EncodeSource): number {
  return source.kind === 'bytes' ? source.bytes.length : source.length
}

/** The whole blob in memory. Throws where the file ends too early. */
export async function readSource(source: EncodeSource, signal: AbortSignal): Promise<Uint8Array> {
  if (source.kind === 'bytes') return source.bytes
  const file = await open(source.path)
  try {
    const bytes = new Uint8Array(source.length)
    for (let at = 0; at < bytes.length;) {
      signal.throwIfAborted()
      const length = Math.min(1 << 20, bytes.length - at)
      const { bytesRead } = await file.read(bytes, at, length, source.offset + at)
      if (bytesRead === 0) throw new Error(`${source.path} ends at ${source.offset + at} bytes`)
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}
