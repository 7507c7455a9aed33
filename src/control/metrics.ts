import type { DriveStatus } from './status.ts'

/** A metric of the Prometheus text format. */
interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly value: (status: DriveStatus) => number | undefined
}

const badNodes = (s: DriveStatus) => s.nodes.filter((node) => node.state !== 'ok').length
const dirtySeconds = ({ writeback: { oldestDirtyMs } }: DriveStatus) =>
  oldestDirtyMs === undefined ? 0 : (Date.now() - oldestDirtyMs) / 1000

const epochsLeft = ({ expiry }: DriveStatus) => expiry && expiry.endEpoch - expiry.epoch
const renewalFailing = ({ renewal }: DriveStatus) => renewal && +(renewal.why !== undefined)
const scrubSeconds = ({ scrub }: DriveStatus) => scrub?.lastMs && scrub.lastMs / 1000
const fullNodeSeconds = ({ fullNode }: DriveStatus) => fullNode && fullNode.ageMs / 1000
/** Of FROST, or SUI of MIST. */
const wal = (amount: string | undefined) =>
  amount === undefined ? undefined : Number(amount) / 1e9

const metrics: readonly Metric[] = [
  gauge('dirty_bytes', 'Bytes that are only on this machine.', (s) => s.writeback.dirtyBytes),
  gauge('oldest_dirty_seconds', 'Age of the oldest change that is only here.', dirtySeconds),
  counter('commits_total', 'Commits made by this mount.', (s) => s.writeback.commits),
  counter('appends_total', 'Small changes put into the manifest.', (s) => s.writeback.appends),
  counter('conflicts_total', 'Commits another writer was ahead of.', (s) => s.writeback.conflicts),
  counter('uploaded_bytes_total', 'Pack bytes stored.', (s) => s.writeback.uploadedBytes),
  gauge('sequence', 'Sequence number of the manifest.', (s) => Number(s.sequence)),
  gauge('used_bytes', 'Bytes in the drive.', (s) => s.usedBytes),
  gauge('used_inodes', 'Inodes in the drive.', (s) => s.usedInodes),
  gauge('cache_memory_bytes', 'Bytes of pieces in memory.', (s) => s.cache.memoryBytes),
  gauge('cache_disk_bytes', 'Bytes of pieces on the disk.', (s) => s.cache.diskBytes),
  counter('cache_memory_hits_total', 'Pieces found in memory.', (s) => s.cache.memoryHits),
  counter('cache_disk_hits_total', 'Pieces found on the disk.', (s) => s.cache.diskHits),
  counter('cache_misses_total', 'Pieces fetched from the network.', (s) => s.cache.misses),
  counter('cache_damaged_total', 'Cached copies that did not check.', (s) => s.cache.damaged),
  gauge('memory_bytes', 'Resident memory of the daemon.', (s) => s.memoryBytes),
  gauge('nodes_ok', 'Storage nodes that answer well.', (s) => s.nodes.length - badNodes(s)),
  gauge('nodes_bad', 'Storage nodes that are slow, down or lying.', badNodes),
  gauge('end_epoch', 'First epoch without some blob of the drive.', (s) => s.expiry?.endEpoch),
  gauge('epoch', 'Walrus epoch now.', (s) => s.expiry?.epoch),
  gauge('epochs_left', 'Epochs until some blob of the drive ends, this one included.', epochsLeft),
  gauge(
    'renewal_auto',
    'Whether storage is renewed by itself.',
    (s) => s.renewal && +s.renewal.auto,
  ),
  gauge('renewal_blobs', 'Blobs that the drive needs.', (s) => s.renewal?.blobs),
  gauge('renewal_endangered_blobs', 'Of them, due and not renewed.', (s) => s.renewal?.endangered),
  gauge('renewal_ended_blobs', 'Of them, no longer stored.', (s) => s.renewal?.ended),
  gauge('renewal_epoch_wal', 'WAL for one epoch of all of them.', (s) =>
    wal(s.renewal?.pricePerEpoch),
  ),
  gauge('renewal_next_wal', 'WAL that the next renewal costs.', (s) => wal(s.renewal?.next?.cost)),
  gauge('renewal_next_epoch', 'Epoch of the next renewal.', (s) => s.renewal?.next?.epoch),
  gauge('renewal_failing', 'Whether the last look or renewal failed.', renewalFailing),
  counter('renewals_total', 'Renewals made by this mount.', (s) => s.renewal?.renewals),
  counter('renewals_paid_wal_total', 'WAL paid for them.', (s) => wal(s.renewal?.paid)),
  gauge('month_spent_wal', 'WAL spent for storage in this month.', (s) => wal(s.budget?.spent)),
  gauge('month_budget_wal', 'WAL that this month may cost.', (s) => wal(s.budget?.limit)),
  gauge(
    'over_budget',
    'Whether new data waits for the budget.',
    (s) => s.budget && +!!s.budget.held,
  ),
  gauge('balance_sui', 'SUI of the account.', (s) => wal(s.balances?.sui)),
  gauge('balance_wal', 'WAL of the account.', (s) => wal(s.balances?.wal)),
  counter('scrub_passes_total', 'Passes over what the drive needs.', (s) => s.scrub?.passes),
  gauge('scrub_last_seconds', 'When the last pass ended (since 1970).', scrubSeconds),
  counter('scrub_cached_total', 'Cached pieces that were re-read.', (s) => s.scrub?.cached),
  counter('scrub_cached_damaged_total', 'Of them, bad and dropped.', (s) => s.scrub?.cachedDamaged),
  counter('scrub_sampled_total', 'Pieces read from the network.', (s) => s.scrub?.sampled),
  counter('scrub_damaged_total', 'Of them, not right there.', (s) => s.scrub?.damaged),
  gauge('rollback', 'Whether the full node shows an older drive than was seen.', (s) =>
    Number(s.rollback !== undefined),
  ),
  gauge('lease_ours', 'Whether other writers are asked to wait.', (s) => +(s.lease?.ours === true)),
  gauge('lease_of_another', 'Whether another writer has the drive alone.', (s) =>
    Number(s.lease?.ours === false),
  ),
  gauge(
    'full_node_age_seconds',
    'Age of its latest checkpoint, by the clock here.',
    fullNodeSeconds,
  ),
  gauge('full_node_behind', 'Whether the full node shows the past.', (s) =>
    Number(s.fullNode?.behindMs !== undefined),
  ),
  gauge('offline', 'Whether the network is not used.', (s) => +s.offline),
  gauge('pinned_bytes', 'Stored bytes that are to be kept in the cache.', (s) => s.pins?.bytes),
  gauge('pinned_present_bytes', 'Of them, those that are.', (s) => s.pins?.presentBytes),
  gauge('limit_up_bytes_per_second', 'What --bwlimit lets out now.', (s) => s.bandwidth?.up),
  gauge('limit_down_bytes_per_second', 'What --bwlimit lets in now.', (s) => s.bandwidth?.down),
  gauge('next_commit_wal', 'WAL that storing all that waits would cost.', (s) =>
    wal(s.estimate?.cost),
  ),
  gauge('damaged_files', 'Files that are not what their hash promises.', (s) => s.damagedFiles),
  gauge('problems', 'Problems that status shows.', (s) => s.problems.length),
]

/** The state of a mount in the Prometheus text format, version 0.0.4. */
export function prometheusText(status: DriveStatus): string {
  const labels = `{drive=${JSON.stringify(status.drive)}}`
  const lines = metrics.flatMap(({ name: short, help, type, value }) => {
    const now = value(status)
    if (now === undefined) return []
    const name = `walrusfs_${short}`
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name}${labels} ${now}`]
  })
  return `${lines.join('\n')}\n`
}

function gauge(name: string, help: string, value: Metric['value']): Metric {
  return { name, help, type: 'gauge', value }
}

function counter(name: string, help: string, value: Metric['value']): Metric {
  return { name, help, type: 'counter', value }
}
