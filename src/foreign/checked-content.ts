import { createHash } from 'node:crypto'
import type { Content } from '../content/content-api.ts'
import { FsError } from '../terms/errno.ts'
import type { Inode } from '../tree/inode.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { ListedInode } from './listed-inode.ts'
import { needsLook } from './source-extents.ts'

const chunkBytes = 1 << 20

/** What is known of a file that is served only after a look at all of it. */
type Look = 'good' | 'bad' | Promise<'good' | 'bad'>

/**
 * The bytes of listed files. One whose hash somebody promised, and that is too large for one piece, is read once from beginning to end
 * before the first byte of it is served: none ever is when it is not what was promised. Where it was read it lies in the cache.
 */
export class CheckedContent implements Content {
  readonly #inner: Content
  readonly #onBad: (file: ListedInode) => void
  readonly #looks = new WeakMap<Inode, Look>()

  constructor(inner: Content, onBad: (file: ListedInode) => void) {
    this.#inner = inner
    this.#onBad = onBad
  }

  read(
    inode: Inode,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array> {
    const look = this.#lookOf(inode)
    if (look === 'good') return this.#inner.read(inode, offset, into, signal)
    return this.#readLater(inode, look, offset, into.length, signal)
  }

  readAhead(handle: object, inode: Inode, offset: number, length: number): void {
    if (this.#lookOf(inode) === 'good') this.#inner.readAhead(handle, inode, offset, length)
  }

  forget(handle: object): void {
    this.#inner.forget(handle)
  }

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    return this.#inner.piece(ref)
  }

  write(): never {
    throw new FsError('EROFS', 'what others published is not changed from here')
  }

  share(): void {}

  async sync(): Promise<void> {}

  #lookOf(inode: Inode): Look {
    if (!(inode instanceof ListedInode) || !inode.source || !needsLook(inode.source)) return 'good'
    const known = this.#looks.get(inode)
    if (known) return known
    const look = this.#look(inode, inode.source.hash!)
    this.#looks.set(inode, look)
    look.then(
      (result) => this.#looks.set(inode, result),
      () => this.#looks.delete(inode),
    )
    return look
  }

  async #look(inode: ListedInode, promised: string): Promise<'good' | 'bad'> {
    const hash = createHash('sha256')
    const handle = {}
    try {
      for (let offset = 0; offset < inode.size; offset += chunkBytes) {
        this.#inner.readAhead(handle, inode, offset, chunkBytes)
        const into = new Uint8Array(Math.min(chunkBytes, inode.size - offset))
        const got = await this.#inner.read(inode, offset, into)
        hash.update(typeof got === 'number' ? into.subarray(0, got) : got)
      }
    } finally {
      this.#inner.forget(handle)
    }
    if (hash.digest('base64url') === promised) return 'good'
    this.#onBad(inode)
    return 'bad'
  }

  async #readLater(
    inode: Inode,
    look: Look,
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    if ((await interruptible(look, signal)) === 'bad') {
      throw new FsError('EIO', 'the file is not what its hash promises')
    }
    const into = new Uint8Array(length)
    const got = await this.#inner.read(inode, offset, into, signal)
    return typeof got === 'number' ? into.subarray(0, got) : got
  }
}

/** Who is interrupted leaves; the work goes on for others. */
async function interruptible<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const interrupt = (): void => reject(new FsError('EINTR', 'interrupted'))
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    if (signal.aborted) interrupt()
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}
