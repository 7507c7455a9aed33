import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { StagingApi } from '../content/content-api.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { ManifestRoot } from '../manifest/manifest.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import {
  decodePackIndex,
  decodePackTrailer,
  packTrailerBytes,
  PieceUse,
  type IndexedPiece,
} from '../tree/format/pack-format.ts'
import { decodeRootRecord } from '../tree/format/root-format.ts'
import type { NodeSink, PackNaming } from '../tree/node-source.ts'
import { Pace } from '../tree/pace.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { FrozenTree } from '../tree/worktree-api.ts'
import type { MadePack } from './commit-record.ts'
import { inlineBytes } from './pack-frozen.ts'
import type { PackedCommit } from './pending-commit.ts'
import { longestPiece, planPieces } from './piece-plan.ts'
import { SettledSlices } from './settled-slices.ts'

/** The packs on disk do not hold what the changes would give now. */
export class StalePacksError extends Error {
  override readonly name = 'StalePacksError'
}

/** What packs are read with. */
export interface ResumeParts {
  readonly directory: string
  readonly codec: PieceCodec
  readonly staging: StagingApi
  /** As it was when the packs were made. */
  readonly capacity: number
}

/**
 * Goes on with packs that a commit made before a crash: meets the same pieces and nodes in the same order, and checks that
 * they are the same. Throws StalePacksError, or what reading a file throws: make the packs anew then.
 */
export async function resumePacks(
  frozen: FrozenTree,
  packs: readonly MadePack[],
  root: ManifestRoot,
  parts: ResumeParts,
): Promise<PackedCommit> {
  const files: PackReader[] = []
  try {
    for (const pack of packs) {
      files.push(new PackReader(join(parts.directory, pack.file), pack, parts.codec))
    }
    const settled = await settledAgain(frozen, files, parts)
    const written = await frozen.write(settled.find, new KnownNodes(files))
    const last = files.at(-1)?.pieces.at(-1)
    if (last?.use !== PieceUse.root || last.ref.hash !== root.hash) {
      throw new StalePacksError('the last pack does not end with the root record')
    }
    const record = decodeRootRecord(files.at(-1)!.plain(last.ref), last.ref)
    if (record.directory.node?.hash !== written.directory.node?.hash) {
      throw new StalePacksError('the packs hold another tree')
    }
    return { packs, settled, record, root, lastLive: undefined }
  } finally {
    for (const file of files) file.close()
  }
}

async function settledAgain(
  frozen: FrozenTree,
  files: readonly PackReader[],
  { staging, capacity }: ResumeParts,
): Promise<SettledSlices> {
  const settled = new SettledSlices()
  const data = piecesOf(files, PieceUse.data)
  const pace = new Pace()
  for (const item of planPieces(frozen.files, longestPiece(capacity))) {
    await pace.next()
    if (item.kind === 'inline') {
      settled.inline(item.part, inlineBytes(item.part, staging))
      continue
    }
    const { ref } = data.next()
    if (ref.length !== item.length) throw new StalePacksError('a piece has another length')
    settled.piece(item, ref)
  }
  return settled
}

/** Answers with the nodes that are in the packs, as long as they are the same. */
class KnownNodes implements NodeSink {
  readonly #nodes: PieceRow

  constructor(files: readonly PackReader[]) {
    this.#nodes = piecesOf(files, PieceUse.node)
  }

  put(encode: (naming: PackNaming) => Uint8Array): PieceRef {
    const { ref, file } = this.#nodes.next()
    const node = encode(({ blob }) => (blob === ref.blob ? 'self' : blob))
    if (Buffer.compare(node, file.plain(ref)) !== 0)
      throw new StalePacksError('a tree node differs')
    return ref
  }

  resolve(ref: PieceRef): PieceRef {
    return ref
  }
}

interface PieceRow {
  next(): { readonly ref: PieceRef; readonly file: PackReader }
}

function piecesOf(files: readonly PackReader[], use: PieceUse): PieceRow {
  const all = files.flatMap((file) =>
    file.pieces.filter((piece) => piece.use === use).map(({ ref }) => ({ ref, file })),
  )
  let at = 0
  return {
    next: () => {
      const piece = all[at++]
      if (!piece) throw new StalePacksError('the packs hold fewer pieces')
      return piece
    },
  }
}

/** A pack's file on this disk. */
class PackReader {
  readonly pieces: readonly IndexedPiece[]
  readonly #fd: number
  readonly #codec: PieceCodec

  constructor(path: string, { blobId, bytes }: MadePack, codec: PieceCodec) {
    this.#codec = codec
    this.#fd = openSync(path, 'r')
    if (fstatSync(this.#fd).size !== bytes) throw new StalePacksError(`${path} has another length`)
    const trailer = decodePackTrailer(
      this.#bytes(bytes - packTrailerBytes, packTrailerBytes),
      blobId,
      bytes,
    )
    this.pieces = decodePackIndex(this.plain(trailer.index), trailer)
  }

  /** Checked against its hash. */
  plain(ref: PieceRef): Uint8Array {
    const stored = this.#bytes(ref.offset, ref.storedLength)
    if (pieceHashOf(stored) !== ref.hash) throw new StalePacksError('a piece is damaged')
    return this.#codec.decode(ref, stored)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #bytes(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const got = readSync(this.#fd, bytes, at, length - at, offset + at)
      if (got === 0) throw new StalePacksError('a pack file ends early')
      at += got
    }
    return bytes
  }
}
