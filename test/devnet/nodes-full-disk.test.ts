import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { NodeCommons } from '../../src/devnet/nodes/node-commons.ts'
import { NodeKey } from '../../src/devnet/nodes/node-key.ts'
import { StorageNode } from '../../src/devnet/nodes/storage-node.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { refusal, someBytes } from './nodes-bench.ts'
import { FakeChain } from './nodes-fake-chain.ts'

const skip = process.getuid?.() === 0 ? false : 'a small tmpfs can be mounted by root only'

/** A small disk of its own. */
function smallDisk(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', directory])
  t.equal(mounted.status, 0, 'tmpfs is mounted')
  t.teardown(() => {
    spawnSync('umount', [directory])
    rmdirSync(directory)
  })
  return directory
}

test(
  'a full disk refuses what does not fit and goes on when there is room',
  { skip },
  async (t) => {
    const directory = smallDisk(t)
    const shards = 8
    const codec = new ScalarCodec()
    const chain = new FakeChain()
    const commons = new NodeCommons({ shards, codec, view: chain, recoveryGraceMs: undefined })
    const owned = Array.from({ length: shards }, (_, shard) => shard)
    const node = await StorageNode.open(
      { name: 'node-0', directory, port: 0, key: new NodeKey(9n), shards: owned, log: silentLog },
      commons,
    )
    try {
      const blobs = await Promise.all(
        [1, 2, 3].map((seed) =>
          codec.encode(
            shards,
            { kind: 'bytes', bytes: someBytes(50_000, seed) },
            new AbortController().signal,
          ),
        ),
      )
      const send = async (at: number): Promise<string> => {
        const { blobId } = blobs[at]!.metadata
        const put = (path: string, body: Uint8Array) =>
          fetch(`${node.url}/v1/blobs/${blobId}/${path}`, {
            method: 'PUT',
            body: Uint8Array.from(body),
          })
        const metadata = await put('metadata', encodeMetadata(blobs[at]!.metadata))
        if (!metadata.ok) return refusal(metadata)
        for (const pair of owned) {
          for (const axis of ['primary', 'secondary'] as const) {
            const answer = await put(
              `slivers/${pair}/${axis}`,
              await blobs[at]!.sliverBcs(pair, axis),
            )
            if (!answer.ok) return refusal(answer)
          }
        }
        return 'stored'
      }
      const confirms = async (at: number) => {
        const path = `blobs/${blobs[at]!.metadata.blobId}/confirmation/permanent`
        return (await fetch(`${node.url}/v1/${path}`)).ok
      }
      for (const { metadata } of blobs) chain.register(metadata.blobId, false)
      t.equal(await send(0), 'stored')
      t.ok(await confirms(0))
      t.equal(await send(1), '500 INTERNAL INTERNAL_ERROR')
      t.notOk(await confirms(1))
      t.ok(await confirms(0))
      t.equal(await send(2), '500 INTERNAL INTERNAL_ERROR')
      chain.delete(blobs[0]!.metadata.blobId)
      chain.delete(blobs[2]!.metadata.blobId)
      await new Promise((resolve) => setTimeout(resolve, 100))
      t.equal(await send(1), 'stored')
      t.ok(await confirms(1))
    } finally {
      commons.close()
      await node.close()
    }
  },
)
