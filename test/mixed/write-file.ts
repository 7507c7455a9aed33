import { open } from 'node:fs/promises'
import type { Change } from './act.ts'
import type { KnownContent } from './known-content.ts'

const stepBytes = 1 << 17

/** A run of a file's new content. */
export interface Run {
  readonly from: number
  readonly to: number
}

/**
 * Writes a run of what a file is to hold, in steps, as programs do. `synced` fsyncs in the middle and at the end, and notes that in
 * the change. Resolves with the bytes written.
 */
export async function writeRun(
  path: string,
  flags: 'w' | 'a' | 'r+' | 'wx',
  content: KnownContent,
  { from, to }: Run,
  synced?: Change,
): Promise<number> {
  const file = await open(path, flags, 0o644)
  const middle = from + Math.floor((to - from) / 2)
  try {
    for (let at = from; at < to;) {
      const end = Math.min(to, at + stepBytes, at < middle ? middle : to)
      await file.write(content.bytes(at, end - at), 0, end - at, flags === 'a' ? undefined : at)
      at = end
      if (synced && at === middle && flags !== 'r+') {
        await file.sync()
        synced.promised = at
      }
    }
    if (!synced) return to - from
    await file.sync()
    synced.promised = flags === 'r+' ? to : content.size
    return to - from
  } finally {
    await file.close()
  }
}
