import { availableParallelism, tmpdir } from 'node:os'
import type { Codec } from './codec.ts'
import { kernelRuns } from './kernel/kernel.ts'
import { OfficialCodec } from './official/official-codec.ts'
import { ScalarCodec } from './scalar/scalar-codec.ts'
import { SimdCodec } from './simd/simd-codec.ts'
import { Workshop } from './simd/workshop.ts'

export interface OpenCodecOptions {
  /**
   * `simd`: WebAssembly kernels in worker threads; `scalar`: plain TypeScript on the calling thread; `official`: the
   * published encoder and decoder, for comparison.
   * @default 'auto', which is `simd` where it runs
   */
  readonly codec?: 'auto' | 'simd' | 'scalar' | 'official'
  /**
   * Worker threads. They start with the first work and do not keep the process alive.
   * @default one per processor, at most 8
   */
  readonly workers?: number
  /**
   * Added to the workers' nice value on Linux, so that the thread that answers the kernel comes first.
   * @default 5
   */
  readonly niceness?: number
  /**
   * Bytes in which encodings (and apart from them, reads) work at the same time; a single job may take more.
   * @default 384 MiB
   */
  readonly memoryBytes?: number
  /**
   * Milliseconds after which memory that no job uses is given back to the system.
   * @default 60 000
   */
  readonly idleMs?: number
  /**
   * Blobs of so many bytes are encoded through a window from file to file instead of in one piece.
   * @default 128 MiB
   */
  readonly streamFromBytes?: number
  /**
   * Memory of that window, which does not grow with the blob.
   * @default 224 MiB
   */
  readonly windowBytes?: number
  /**
   * Where the slivers of such a blob wait to be sent, in a file of 2.5 times its size that has no name.
   * @default the system's directory for temporary files
   */
  readonly spoolDirectory?: string
}

/** The codec that this machine runs best. */
export async function openCodec(options: OpenCodecOptions = {}): Promise<Codec> {
  const { codec = 'auto' } = options
  if (codec === 'official') return new OfficialCodec(new ScalarCodec())
  if (codec === 'scalar' || (codec === 'auto' && !kernelRuns())) return new ScalarCodec()
  const workshop = await Workshop.open({
    workers: Math.max(1, options.workers ?? Math.min(8, availableParallelism())),
    niceness: options.niceness ?? 5,
    budget: options.memoryBytes ?? 384 << 20,
    idleMs: options.idleMs ?? 60_000,
  })
  return new SimdCodec(workshop, {
    fromBytes: options.streamFromBytes ?? 128 << 20,
    windowBytes: options.windowBytes ?? 224 << 20,
    spoolDirectory: options.spoolDirectory ?? tmpdir(),
  })
}
