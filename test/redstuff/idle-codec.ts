import { openCodec } from '../../src/redstuff/open-codec.ts'

/** Uses a codec and leaves it open: the process ends all the same, but not before the answer. */
const codec = await openCodec({ codec: 'simd', workers: 3 })
const source = { kind: 'bytes', bytes: new Uint8Array(100_000) } as const
const { signal } = new AbortController()
const encoded = await codec.encode(31, source, signal)
const again = await codec.metadata(31, source, signal)
console.log(encoded.metadata.shards === 31, again.blobId === encoded.metadata.blobId)
