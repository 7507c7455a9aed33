import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { large, largeSource as source, open } from './open-workshop.ts'
import { never } from './vector-check.ts'

test('a worker that dies is replaced, and its work done by another', async (t) => {
  const { codec, workshop } = await open(t)
  const encoding = codec.encode(large.n, source, never)
  for (let kills = 0; kills < 3; kills++) {
    while (workshop.pool.threads.length < 2) await setTimeout(1)
    await setTimeout(30)
    // One after the other: a thread that is still starting when it dies has its tasks' tries counted.
    await workshop.pool.threads[kills % 2]?.terminate()
  }
  const encoded = await encoding
  t.equal(encoded.metadata.blobId, large.blob_id)
  t.equal((await codec.metadata(large.n, source, never)).blobId, large.blob_id)
})

test('a task over which workers die again and again is given up', async (t) => {
  const { codec, workshop } = await open(t)
  const encoding = codec.encode(large.n, source, never)
  let isOver = false
  const over = encoding.then(
    () => (isOver = true),
    () => (isOver = true),
  )
  const rejected = t.rejects(encoding, { name: 'CodecError', code: 'worker-lost' })
  while (!isOver) {
    await Promise.all(workshop.pool.threads.map((thread) => thread.terminate()))
    await Promise.race([over, setTimeout(5)])
  }
  await rejected
  t.equal((await codec.metadata(large.n, source, never)).blobId, large.blob_id, 'and all is well')
})
