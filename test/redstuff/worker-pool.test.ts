import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { test } from 'tap'
import { CodecPriority } from '../../src/redstuff/codec.ts'
import { encodedBlob } from './encoded-blob.ts'
import { large, largeSource as source, open } from './open-workshop.ts'
import { never } from './vector-check.ts'

test('a read is done while an encoding goes on', async (t) => {
  const { codec } = await open(t)
  const { metadata, sliver } = await encodedBlob(codec, 31, 100_000)
  const order: string[] = []
  const encoding = codec.metadata(large.n, source, never).then(() => order.push('encoding'))
  await setTimeout(20)
  const options = { priority: CodecPriority.read }
  const slivers = [sliver('primary', 3), sliver('secondary', 4)]
  const verdicts = await codec.verify(metadata, slivers, never, options)
  order.push('read')
  await encoding
  t.same(verdicts, [true, true])
  t.same(order, ['read', 'encoding'])
})

test('an aborted encoding leaves nothing wrong behind', async (t) => {
  const { codec } = await open(t)
  const reason = new Error('enough')
  for (const ms of [0, 5, 20, 60, 100]) {
    const stop = new AbortController()
    const encoding = codec.encode(large.n, source, stop.signal)
    void setTimeout(ms).then(() => stop.abort(reason))
    await t.rejects(encoding, reason, `aborted after ${ms} ms`)
    const { blobId } = await codec.metadata(13, source, never)
    t.equal(blobId, (await codec.metadata(13, source, never)).blobId)
  }
  t.equal((await codec.metadata(large.n, source, never)).blobId, large.blob_id)
})

test('many jobs of several kinds at once get the right answers', async (t) => {
  const { codec } = await open(t)
  const samples = await Promise.all([7, 10, 31, 64].map((n) => encodedBlob(codec, n, 20_000 + n)))
  const jobs = Array.from({ length: 80 }, async (_, k) => {
    const { blob, metadata, sliver } = samples[k % samples.length]!
    const priority = k % 3 === 0 ? CodecPriority.read : CodecPriority.background
    const shards = metadata.shards
    const all = Array.from({ length: shards }, (_, index) => sliver('primary', index))
    if (k % 2 === 0) {
      const verdicts = await codec.verify(metadata, all, never, { priority })
      return verdicts.every(Boolean)
    }
    const back = all.toReversed().slice(0, Math.ceil(shards / 2))
    const decoded = await codec.decode(metadata, back, 'default', never, { priority })
    return Buffer.compare(decoded, blob) === 0
  })
  const right = await Promise.all(jobs)
  t.ok(right.every(Boolean))
})

test('closing ends work that is under way', async (t) => {
  const { codec } = await open(t)
  const encoding = codec.encode(large.n, source, never)
  await setTimeout(30)
  const rejected = t.rejects(encoding, { name: 'CodecError', code: 'closed' })
  await codec.close()
  await rejected
})

test('memory is given back when nothing is to be done', async (t) => {
  if (process.platform !== 'linux') {
    t.comment('pages are only given back on Linux')
    return
  }
  const { codec } = await open(t, 20)
  const bytes = new Uint8Array(48 << 20)
  const before = process.memoryUsage.rss()
  const encoded = await codec.encode(100, { kind: 'bytes', bytes }, never)
  const during = process.memoryUsage.rss()
  encoded.release()
  t.ok(during - before > 100e6, `${during - before} bytes in use`)
  while (process.memoryUsage.rss() - before > 0.3 * (during - before)) await setTimeout(10)
})

test('an idle codec does not keep the process alive', async (t) => {
  const script = join(import.meta.dirname, 'idle-codec.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  t.equal(stdout, 'true true\n')
})
