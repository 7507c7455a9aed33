import type { NodeParts } from './node-parts.ts'

const startedAt = process.hrtime.bigint()

function uptime(): { readonly secs: number; readonly nanos: number } {
  const nanos = process.hrtime.bigint() - startedAt
  return { secs: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) }
}

/** How a node is, as its API writes it (walrus-storage-node-client, `ServiceHealthInfo`). */
export function nodeHealth(parts: NodeParts, events: number, detailed: boolean): unknown {
  const owned = parts.shards.list.length
  const shardDetail = {
    owned: parts.shards.list.map((shard) => ({ shard, status: 'ready' })),
    other: [],
  }
  return {
    uptime: uptime(),
    epoch: parts.view.epoch,
    publicKey: Buffer.from(parts.key.publicKey).toString('base64'),
    nodeStatus: 'Active',
    eventProgress: {
      persisted: events,
      pending: 0,
      highestFinishedEventIndex: events > 0 ? events - 1 : null,
    },
    ...(detailed ? { shardDetail } : {}),
    shardSummary: {
      owned,
      ownedShardStatus: { unknown: 0, ready: owned, inTransfer: 0, inRecovery: 0 },
      readOnly: 0,
    },
    latestCheckpointSequenceNumber: null,
  }
}
