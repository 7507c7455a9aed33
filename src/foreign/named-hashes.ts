import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { LRUCache } from 'lru-cache'
import { pieceHashBytes, pieceHashFromBytes, type PieceHash } from '../terms/piece-hash.ts'

const hashBytes = 32
const proofBytes = 16
const rowBytes = 2 * hashBytes + proofBytes
const keyBytes = 32

export interface NamedHashesOptions {
  /** The file; made when something is remembered. */
  readonly path: string
  /** A file with the secret that rows are vouched for with; made when it is not there. */
  readonly keyPath: string
  /** The most that is remembered. @default 65536 */
  readonly limit?: number
}

/**
 * Which bytes (by SHA-256) a named piece turned out to be, so that the disk cache, which goes by hashes, can be asked for it after
 * a restart. A row is believed if it carries a code made with a secret that does not lie in the cache: who has the cache
 * directory alone cannot make one name mean other bytes. Never an error: what cannot be read or written is not remembered.
 */
export class NamedHashes {
  readonly #known: LRUCache<PieceHash, PieceHash>
  readonly #key: Buffer
  readonly #file: number | undefined

  private constructor(known: LRUCache<PieceHash, PieceHash>, key: Buffer, file?: number) {
    this.#known = known
    this.#key = key
    this.#file = file
  }

  /** Rows of other mounts that share the file are seen at the next opening. */
  static open({ path, keyPath, limit = 65_536 }: NamedHashesOptions): NamedHashes {
    const known = new LRUCache<PieceHash, PieceHash>({ max: limit })
    const key = keyOf(keyPath)
    const rows = rowsOf(path)
    for (const row of rows) {
      if (!timingSafeEqual(proofOf(key, row), row.subarray(2 * hashBytes))) continue
      const [name, hash] = [row.subarray(0, hashBytes), row.subarray(hashBytes, 2 * hashBytes)]
      known.set(pieceHashFromBytes(name), pieceHashFromBytes(hash))
    }
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      if (rows.length > 2 * limit) shorten(path, rows.slice(-limit))
      return new NamedHashes(known, key, openSync(path, 'a', 0o600))
    } catch {
      return new NamedHashes(known, key)
    }
  }

  get(name: PieceHash): PieceHash | undefined {
    return this.#known.get(name)
  }

  put(name: PieceHash, hash: PieceHash): void {
    if (this.#known.get(name) === hash) return
    this.#known.set(name, hash)
    if (this.#file === undefined) return
    const row = Buffer.concat([pieceHashBytes(name), pieceHashBytes(hash)], rowBytes)
    row.set(proofOf(this.#key, row), 2 * hashBytes)
    try {
      writeSync(this.#file, row)
    } catch {
      // A full disk.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}

function proofOf(key: Buffer, row: Buffer): Buffer {
  const code = createHmac('sha256', key)
    .update(row.subarray(0, 2 * hashBytes))
    .digest()
  return code.subarray(0, proofBytes)
}

function rowsOf(path: string): Buffer[] {
  const bytes = contentOf(path)
  if (!bytes) return []
  const count = Math.floor(bytes.length / rowBytes)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * rowBytes, (i + 1) * rowBytes))
}

function shorten(path: string, rows: readonly Buffer[]): void {
  const next = `${path}.${process.pid}`
  try {
    writeFileSync(next, Buffer.concat(rows), { mode: 0o600 })
    renameSync(next, path)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}

/** The secret; one that nobody else knows, and that is gone with this process, where it cannot be kept. */
function keyOf(path: string): Buffer {
  const fresh = randomBytes(keyBytes)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, fresh, { mode: 0o600, flag: 'wx' })
    return fresh
  } catch {
    const kept = contentOf(path)
    return kept?.length === keyBytes ? kept : fresh
  }
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
