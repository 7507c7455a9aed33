import { parseBlobId } from '../terms/blob-id.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import type { PieceHash } from '../terms/piece-hash.ts'
import { headOf, sameHead } from './manifest-head.ts'
import { ManifestError, type Manifest, type ManifestState, type StoredSlots } from './manifest.ts'

/** What a machine knows of a manifest that it has seen: enough to begin without asking anybody. */
export interface Remembered {
  readonly state: ManifestState
  /** The manifest itself; of a snapshot, the one that it was taken of. */
  readonly drive: ObjectId
  readonly writer: ObjectId | undefined
  readonly slots: StoredSlots | undefined
  /** The largest blob of the network, bytes, where it was asked. */
  readonly maxBlobBytes: number | undefined
}

/** Keeps the last of what was seen. */
export interface Memory {
  readonly last: Remembered | undefined
  keep(seen: Omit<Remembered, 'maxBlobBytes'>): void
}

/** As text, for a file. */
export function encodeRemembered({ state, ...rest }: Remembered): string {
  return JSON.stringify({
    version: 1,
    ...rest,
    slots: rest.slots && {
      revision: String(rest.slots.revision),
      bytes: base64(rest.slots.bytes),
    },
    state: {
      ...state,
      sequence: String(state.sequence),
      rootSequence: String(state.rootSequence),
      inline: state.inline.map(base64),
    },
  })
}

/** Throws an Error for what is no such text. */
export function decodeRemembered(text: string): Remembered {
  const { version, state, drive, writer, slots, maxBlobBytes } = JSON.parse(text) as Told
  if (version !== 1) throw new Error('it is of another version')
  const { root, frozenFrom } = state
  return {
    drive: parseObjectId(drive),
    writer: writer === undefined ? undefined : parseObjectId(writer),
    slots: slots && { revision: BigInt(slots.revision), bytes: Buffer.from(slots.bytes, 'base64') },
    maxBlobBytes: maxBlobBytes === undefined ? undefined : requireNumber(maxBlobBytes),
    state: {
      id: parseObjectId(state.id),
      schema: requireNumber(state.schema),
      sequence: BigInt(state.sequence),
      rootSequence: BigInt(state.rootSequence),
      sealed: state.sealed === true,
      root: root && {
        format: requireNumber(root['format']),
        blob: parseBlobId(root.blob),
        offset: requireNumber(root['offset']),
        length: requireNumber(root['length']),
        hash: requireHash(root['hash']),
        usedBytes: requireNumber(root['usedBytes']),
        usedInodes: requireNumber(root['usedInodes']),
        endEpoch: requireNumber(root['endEpoch']),
      },
      inline: state.inline.map((record) => Buffer.from(record, 'base64')),
      lastWriter: parseObjectId(state.lastWriter),
      writers: state.writers.map(parseObjectId),
      lease: undefined,
      name: String(state.name),
      previousTransaction: String(state.previousTransaction),
      ...(frozenFrom === undefined ? {} : { frozenFrom: parseObjectId(frozenFrom) }),
    },
  }
}

/** As JSON has it, unchecked. */
interface Told {
  readonly version: unknown
  readonly drive: string
  readonly writer?: string
  readonly slots?: { readonly revision: string; readonly bytes: string }
  readonly maxBlobBytes?: unknown
  readonly state: {
    readonly [Key in keyof ManifestState]: unknown
  } & {
    readonly id: string
    readonly sequence: string
    readonly rootSequence: string
    readonly root?: Readonly<Record<string, unknown>> & { readonly blob: string }
    readonly inline: readonly string[]
    readonly lastWriter: string
    readonly writers: readonly string[]
    readonly frozenFrom?: string
  }
}

/** Farther back nobody looks. */
const longestWalk = 300

/**
 * Compares what was remembered with what the chain has: the present state where it is at that sequence number, else the state that
 * was. Resolves with false where the full node does not tell any more. Throws ManifestError `rejected` where it was another one.
 */
export async function checkRemembered(
  then: ManifestState,
  now: ManifestState,
  manifest: Pick<Manifest, 'past'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (now.sequence === then.sequence) return agree(then, now)
  let left = longestWalk
  for await (const state of manifest.past(signal)) {
    if (state.sequence === then.sequence) return agree(then, state)
    if (state.sequence < then.sequence || left-- === 0) return false
  }
  return false
}

function agree(then: ManifestState, state: ManifestState): true {
  if (sameHead(headOf(then), headOf(state))) return true
  throw new ManifestError(
    'rejected',
    `what this machine remembers of the drive at sequence ${then.sequence} is not what the chain had; nothing is sent or taken over: unmount, delete remembered.json in its state directory, and mount online`,
  )
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function requireNumber(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new TypeError('no number')
}

function requireHash(value: unknown): PieceHash {
  if (typeof value === 'string' && /^[\w-]{43}$/.test(value)) return value as PieceHash
  throw new TypeError('no hash')
}
