import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openCodec } from '../../../src/redstuff/open-codec.ts'

/** Milliseconds by which a timer of 1 ms came late. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/** The event loop's delay while a file's blob is encoded and all its slivers are taken. */
export async function loopDelay(shards: number, size: number): Promise<LoopDelay> {
  const directory = mkdtempSync(join(tmpdir(), 'redstuff-loop-'))
  const codec = await openCodec({ workers: 2 })
  const { signal } = new AbortController()
  try {
    const path = join(directory, 'blob')
    writeFileSync(path, new Uint8Array(size))
    const source = { kind: 'file', path, offset: 0, length: size } as const
    const into = new Uint8Array(16 << 20)
    const once = async (): Promise<void> => {
      const encoded = await codec.encode(shards, source, signal)
      for (let pair = 0; pair < shards; pair++) {
        for (const axis of ['primary', 'secondary'] as const) encoded.sliverBcs(pair, axis, into)
        await new Promise((resolve) => setImmediate(resolve))
      }
      encoded.release()
    }
    await once()
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    for (let k = 0; k < 3; k++) await once()
    delay.disable()
    const late = (ns: number): number => Math.max(0, ns / 1e6 - 1)
    return {
      p50: late(delay.percentile(50)),
      p99: late(delay.percentile(99)),
      longest: late(delay.max),
    }
  } finally {
    await codec.close()
    rmSync(directory, { recursive: true })
  }
}
