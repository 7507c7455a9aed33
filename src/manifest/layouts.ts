import { bcs } from '@mysten/sui/bcs'
import type { Executed } from '../store/chain/signer-queue.ts'
import { blobIdFromU256 } from '../terms/blob-id.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { pieceHashBytes, pieceHashFromBytes } from '../terms/piece-hash.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import { ManifestError } from './manifest.ts'
import type { ManifestRoot, ManifestState, StoredSlots } from './manifest.ts'

/** The structs of `move/sources/manifest.move`, field by field. */
const rootLayout = bcs.struct('Root', {
  format: bcs.u16(),
  blob_id: bcs.u256(),
  offset: bcs.u64(),
  length: bcs.u64(),
  hash: bcs.u256(),
  used_bytes: bcs.u64(),
  used_inodes: bcs.u64(),
  end_epoch: bcs.u32(),
})

const manifestLayout = bcs.struct('Manifest', {
  id: bcs.Address,
  schema: bcs.u64(),
  seq: bcs.u64(),
  root_seq: bcs.u64(),
  sealed: bcs.bool(),
  root: rootLayout,
  inline: bcs.vector(bcs.byteVector()),
  inline_bytes: bcs.u64(),
  last_writer: bcs.Address,
  writers: bcs.vector(bcs.Address),
  lease_writer: bcs.Address,
  lease_until_ms: bcs.u64(),
  name: bcs.string(),
})

const snapshotLayout = bcs.struct('Snapshot', {
  id: bcs.Address,
  manifest: bcs.Address,
  schema: bcs.u64(),
  seq: bcs.u64(),
  root: rootLayout,
  inline: bcs.vector(bcs.byteVector()),
  name: bcs.string(),
})

const capabilityLayout = bcs.struct('Capability', { id: bcs.Address, manifest: bcs.Address })

const committedLayout = bcs.struct('Committed', {
  manifest: bcs.Address,
  seq: bcs.u64(),
  root: rootLayout,
  writer: bcs.Address,
})

const snapshottedLayout = bcs.struct('Snapshotted', {
  manifest: bcs.Address,
  snapshot: bcs.Address,
  seq: bcs.u64(),
})

const leasedLayout = bcs.struct('Leased', {
  manifest: bcs.Address,
  writer: bcs.Address,
  until_ms: bcs.u64(),
})

/** The dynamic field that holds the key slots. A struct without fields is one byte. */
const slotsFieldLayout = bcs.struct('Field', {
  id: bcs.Address,
  name: bcs.bool(),
  revision: bcs.u64(),
  bytes: bcs.byteVector(),
})

/** The name of that field, in BCS. */
export const slotsFieldName = Uint8Array.of(0)

/** `0x2::package::UpgradeCap`. */
const upgradeCapabilityLayout = bcs.struct('UpgradeCap', {
  id: bcs.Address,
  package: bcs.Address,
  version: bcs.u64(),
  policy: bcs.u8(),
})

type RawRoot = typeof rootLayout.$inferType

/** A manifest object's contents. All parsers here throw ManifestError `rejected` for what cannot be read. */
export function parseManifest(contents: Uint8Array, previousTransaction: string): ManifestState {
  const raw = readAs('a manifest', () => manifestLayout.parse(contents))
  const untilMs = Number(raw.lease_until_ms)
  return {
    id: parseObjectId(raw.id),
    schema: Number(raw.schema),
    sequence: BigInt(raw.seq),
    rootSequence: BigInt(raw.root_seq),
    sealed: raw.sealed,
    root: rootOf(raw.root),
    inline: raw.inline.map((record) => Uint8Array.from(record)),
    lastWriter: parseObjectId(raw.last_writer),
    writers: raw.writers.map(parseObjectId),
    lease: untilMs === 0 ? undefined : { writer: parseObjectId(raw.lease_writer), untilMs },
    name: raw.name,
    previousTransaction,
  }
}

/** The key slots in their field's contents. */
export function parseSlots(contents: Uint8Array): StoredSlots {
  const raw = readAs('key slots', () => slotsFieldLayout.parse(contents))
  return { revision: BigInt(raw.revision), bytes: Uint8Array.from(raw.bytes) }
}

/** Which manifest a snapshot was taken of. */
export function snapshotOf(contents: Uint8Array): ObjectId {
  return parseObjectId(readAs('a snapshot', () => snapshotLayout.parse(contents)).manifest)
}

/** A snapshot's contents as the state of a manifest that never changes. */
export function parseSnapshot(contents: Uint8Array, previousTransaction: string): ManifestState {
  const raw = readAs('a snapshot', () => snapshotLayout.parse(contents))
  const id = parseObjectId(raw.id)
  const inline = raw.inline.map((record) => Uint8Array.from(record))
  const [sequence, records] = [BigInt(raw.seq), BigInt(inline.length)]
  if (records > sequence) throw new ManifestError('rejected', 'a snapshot before its beginning')
  return {
    id,
    schema: Number(raw.schema),
    sequence,
    rootSequence: sequence - records,
    sealed: true,
    root: rootOf(raw.root),
    inline,
    lastWriter: id,
    writers: [],
    lease: undefined,
    name: raw.name,
    frozenFrom: parseObjectId(raw.manifest),
    previousTransaction,
  }
}

/** Which manifest a capability (of a writer or an admin) is for. */
export function parseCapability(contents: Uint8Array): {
  readonly id: ObjectId
  readonly manifest: ObjectId
} {
  const { id, manifest } = readAs('a capability', () => capabilityLayout.parse(contents))
  return { id: parseObjectId(id), manifest: parseObjectId(manifest) }
}

/** When the lease ends that a transaction made, milliseconds since 1970. */
export function leaseEnd(events: Executed['events']): number {
  const leased = events.find(({ type }) => type.endsWith('::manifest::Leased'))
  if (!leased) throw new ManifestError('rejected', 'the chain does not say until when the lease is')
  return Number(readAs('a lease', () => leasedLayout.parse(leased.bytes)).until_ms)
}

/** The package that an upgrade capability is for. */
export function parseUpgradeCapability(contents: Uint8Array): ObjectId {
  const raw = readAs('an upgrade capability', () => upgradeCapabilityLayout.parse(contents))
  return parseObjectId(raw.package)
}

/** A `Committed` event. */
export function parseCommitted(contents: Uint8Array): {
  readonly manifest: ObjectId
  readonly sequence: bigint
  readonly root: ManifestRoot
} {
  const { manifest, seq, root } = readAs('a commit', () => committedLayout.parse(contents))
  const parsed = rootOf(root)
  if (!parsed) throw new ManifestError('rejected', 'a commit without a tree')
  return { manifest: parseObjectId(manifest), sequence: BigInt(seq), root: parsed }
}

/** A `Snapshotted` event: which manifest, and the object that keeps its state. */
export function parseSnapshotted(contents: Uint8Array): {
  readonly manifest: ObjectId
  readonly snapshot: ObjectId
} {
  const raw = readAs('a snapshot', () => snapshottedLayout.parse(contents))
  return { manifest: parseObjectId(raw.manifest), snapshot: parseObjectId(raw.snapshot) }
}

/** SHA-256 as the contract holds it: a u256 whose little-endian bytes are the hash. */
export function hashToU256(hash: PieceHash): bigint {
  return BigInt(bcs.u256().parse(pieceHashBytes(hash)))
}

function readAs<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new ManifestError('rejected', `${what} that cannot be read`, { cause: error })
  }
}

function wholeNumber(u64: string): number {
  const number = Number(u64)
  if (Number.isSafeInteger(number)) return number
  throw new ManifestError('rejected', `a root with a number as large as ${u64}`)
}

function rootOf(raw: RawRoot): ManifestRoot | undefined {
  if (raw.format === 0) return undefined
  wholeNumber(String(BigInt(raw.offset) + BigInt(raw.length)))
  return {
    format: raw.format,
    blob: blobIdFromU256(BigInt(raw.blob_id)),
    offset: wholeNumber(raw.offset),
    length: wholeNumber(raw.length),
    hash: pieceHashFromBytes(bcs.u256().serialize(raw.hash).toBytes()),
    usedBytes: wholeNumber(raw.used_bytes),
    usedInodes: wholeNumber(raw.used_inodes),
    endEpoch: raw.end_epoch,
  }
}
