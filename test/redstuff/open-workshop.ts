import type { Test } from 'tap'
import { SimdCodec } from '../../src/redstuff/simd/simd-codec.ts'
import { Workshop } from '../../src/redstuff/simd/workshop.ts'
import { stream, vectors } from './vectors/vector.ts'

const streaming = { fromBytes: 1 << 30, windowBytes: 1 << 20, spoolDirectory: '/nowhere' }

/** A codec on two workers, and what it stands on. */
export async function open(t: Test, idleMs = 60_000) {
  const options = { workers: 2, niceness: 0, budget: 1 << 30, idleMs }
  const workshop = await Workshop.open(options)
  const codec = new SimdCodec(workshop, streaming)
  t.teardown(() => codec.close())
  return { codec, workshop }
}

/** Some hundred milliseconds of work, in some hundred tasks. */
export const large = vectors('main').find(({ n, size }) => n === 1000 && size === 1_048_576)!
export const largeSource = { kind: 'bytes', bytes: stream(large.size) } as const
