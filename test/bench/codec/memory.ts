import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openCodec } from '../../../src/redstuff/open-codec.ts'

/** Bytes of resident memory over what the process had before. */
export interface MemoryUse {
  /** Of the worker threads, before they had anything large to do. */
  readonly threads: number
  readonly peak: number
  /** After the memory was given back. */
  readonly after: number
  /** Milliseconds of an encoding then, all of whose memory is new to the process, and of the next one. */
  readonly coldMs: number
  readonly warmMs: number
}

/** Encodes a file's blob in a process of its own, and watches its memory. */
export async function memoryOf(shards: number, size: number): Promise<MemoryUse> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    import.meta.filename,
    String(shards),
    String(size),
  ])
  return JSON.parse(stdout) as MemoryUse
}

async function watch(shards: number, size: number): Promise<MemoryUse> {
  const directory = mkdtempSync(join(tmpdir(), 'redstuff-memory-'))
  try {
    const path = join(directory, 'blob')
    writeFileSync(path, '')
    truncateSync(path, size)
    const codec = await openCodec({ workers: 2, idleMs: 100, spoolDirectory: directory })
    const before = process.memoryUsage.rss()
    const { signal } = new AbortController()
    const tiny = await codec.encode(shards, { kind: 'bytes', bytes: new Uint8Array(1) }, signal)
    tiny.release()
    await setTimeout(500)
    const threads = process.memoryUsage.rss() - before
    let peak = before
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5)
    const source = { kind: 'file', path, offset: 0, length: size } as const
    const encoded = await codec.encode(shards, source, signal)
    peak = Math.max(peak, process.memoryUsage.rss())
    clearInterval(timer)
    encoded.release()
    await setTimeout(1500)
    const after = process.memoryUsage.rss()
    const timed = async (): Promise<number> => {
      const started = performance.now()
      const again = await codec.encode(shards, source, signal)
      const took = performance.now() - started
      again.release()
      return took
    }
    const [coldMs, warmMs] = [await timed(), await timed()]
    await codec.close()
    return { threads, peak: peak - before, after: after - before, coldMs, warmMs }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await watch(Number(process.argv[2]), Number(process.argv[3]))))
}
