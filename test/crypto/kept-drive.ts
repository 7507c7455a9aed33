import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { LayeredContent } from '../../src/content/layered-content.ts'
import { driveKeysOf } from '../../src/crypto/drive-keys.ts'
import { decodeSlots, isKnown } from '../../src/crypto/key-slots.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { openSlot, type SlotSecret } from '../../src/crypto/slot-kinds.ts'
import { dataOf, walk } from '../../src/daemon/drive-files.ts'
import type { Drive } from '../../src/daemon/open-drive.ts'
import { FrozenManifest } from '../../src/manifest/frozen-manifest.ts'
import type { ManifestRoot } from '../../src/manifest/manifest.ts'
import { SealedManifest } from '../../src/manifest/sealed-manifest.ts'
import type { BlobStore } from '../../src/store/blob-store.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { readRootRecord } from '../../src/tree/history/root-records.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'

const { signal } = new AbortController()

export const formats = resolve(import.meta.dirname, '../fixtures/formats')

/** A manifest as a fixture keeps it. */
export interface KeptManifest {
  readonly id: string
  readonly sequence: number
  readonly rootSequence: number
  readonly root: ManifestRoot
  /** Base 64. */
  readonly inline: readonly string[]
  readonly slots: string | undefined
}

/** One name of a kept drive. */
export interface KeptEntry {
  readonly mode: number
  readonly nlink: number
  readonly size: number
  readonly mtime: string
  readonly target?: string
  readonly xattrs?: Readonly<Record<string, string>>
  /** SHA-256 of offsets and bytes of what is no hole, and how many bytes those are. */
  readonly data?: { readonly bytes: number; readonly sha256: string }
}

export function manifestOf(fixture: string): KeptManifest {
  return JSON.parse(readFileSync(join(formats, fixture, 'manifest.json'), 'utf8')) as KeptManifest
}

/** The key of a kept drive by what opens one of its slots; undefined where that opens none. */
export async function keyOf(fixture: string, secret: SlotSecret): Promise<Uint8Array | undefined> {
  const table = decodeSlots(Buffer.from(manifestOf(fixture).slots!, 'base64'))
  for (const slot of table.slots.filter(isKnown)) {
    const key = await openSlot(slot, table, secret)
    if (key) return key
  }
  return undefined
}

/** Reads everything of a kept drive. */
export async function readKept(
  fixture: string,
  key: Uint8Array | undefined,
): Promise<Record<string, KeptEntry>> {
  const kept = manifestOf(fixture)
  const keys = key && driveKeysOf(key)
  const id = parseObjectId(kept.id)
  const frozen = new FrozenManifest({
    id,
    schema: 1,
    sequence: BigInt(kept.sequence),
    rootSequence: BigInt(kept.rootSequence),
    sealed: true,
    root: kept.root,
    inline: kept.inline.map((record) => Buffer.from(record, 'base64')),
    lastWriter: id,
    writers: [],
    lease: undefined,
    name: fixture,
    previousTransaction: '',
  })
  const manifest = keys ? new SealedManifest(frozen, keys.records) : frozen
  const { root, inline } = await manifest.load(signal)
  const content = new LayeredContent({
    store: storeOf(fixture),
    codec: openPieceCodec({ key: keys?.pieces }),
    cache: await MemoryOverDiskCache.open('/cache', { disk: new SimulatedDisk() }),
  })
  const base = await readRootRecord(content, rootPiece(root!))
  const worktree = new Worktree({ source: content, base })
  worktree.standOn(inline)
  return entriesOf({ worktree, content } as unknown as Drive)
}

async function entriesOf(drive: Drive): Promise<Record<string, KeptEntry>> {
  const entries: Record<string, KeptEntry> = {}
  for await (const { path, inode } of walk(drive, drive.worktree.root)) {
    const { mode, nlink, size, mtimeSec, mtimeNsec, target, xattrs } = inode
    const name = Buffer.from(path, 'latin1').toString('latin1')
    entries[`/${name}`] = {
      mode,
      nlink,
      size: inode.extents || target ? size : 0,
      mtime: `${mtimeSec}.${mtimeNsec}`,
      ...(target && { target: Buffer.from(target).toString() }),
      ...(xattrs && {
        xattrs: Object.fromEntries(
          [...xattrs].map(([key, value]) => [key, Buffer.from(value).toString('hex')]),
        ),
      }),
      ...(inode.extents && { data: await summed(drive, inode) }),
    }
  }
  return entries
}

async function summed(
  drive: Drive,
  inode: Parameters<typeof dataOf>[1],
): Promise<NonNullable<KeptEntry['data']>> {
  const sum = createHash('sha256')
  let total = 0
  for await (const { offset, bytes } of dataOf(drive, inode)) {
    sum.update(`${offset}:`).update(bytes)
    total += bytes.length
  }
  return { bytes: total, sha256: sum.digest('hex') }
}

/** Packs in files that have their blob's id as a name. */
function storeOf(fixture: string): BlobStore {
  const directory = join(formats, fixture)
  const read = async (blob: BlobId, offset: number, length: number) => {
    const path = join(directory, `${blob}.pack`)
    if (!existsSync(path))
      throw new Error(`no ${blob}; there are ${String(readdirSync(directory))}`)
    return Uint8Array.from(readFileSync(path).subarray(offset, offset + length))
  }
  return { read } as unknown as BlobStore
}
