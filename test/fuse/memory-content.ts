const pageBytes = 65536

/** The bytes of a sparse file in memory. */
export class MemoryContent {
  readonly #pages = new Map<number, Buffer>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get blocks(): number {
    return this.#pages.size * (pageBytes / 512)
  }

  read(offset: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, this.#size - offset))
    for (let done = 0; done < count;) {
      const { page, start, length } = place(offset + done, count - done)
      const bytes = this.#pages.get(page)
      if (bytes) into.set(bytes.subarray(start, start + length), done)
      else into.fill(0, done, done + length)
      done += length
    }
    return count
  }

  /** The bytes where they lie, if they lie in one page. */
  view(offset: number, length: number): Uint8Array | undefined {
    const wanted = Math.max(0, Math.min(length, this.#size - offset))
    const { page, start, length: there } = place(offset, wanted)
    return there < wanted ? undefined : this.#pages.get(page)?.subarray(start, start + wanted)
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const { page, start, length } = place(offset + done, bytes.length - done)
      this.#page(page).set(bytes.subarray(done, done + length), start)
      done += length
    }
    this.#size = Math.max(this.#size, offset + bytes.length)
  }

  resize(size: number): void {
    if (size < this.#size) this.zero(size, this.#size - size)
    this.#size = size
  }

  grow(size: number): void {
    this.#size = Math.max(this.#size, size)
  }

  /** Makes a range read as zeros; whole pages become holes. */
  zero(offset: number, length: number): void {
    const end = Math.min(offset + length, this.#size)
    const last = Math.ceil(end / pageBytes)
    for (const page of this.#pages.keys()) {
      const from = Math.max(offset, page * pageBytes)
      const to = Math.min(end, (page + 1) * pageBytes)
      if (page > last || from >= to) continue
      if (to - from === pageBytes || (to === this.#size && from === page * pageBytes)) {
        this.#pages.delete(page)
      } else this.#pages.get(page)!.fill(0, from - page * pageBytes, to - page * pageBytes)
    }
  }

  /** The first byte at or after `offset` that is data (or a hole); undefined beyond the end. */
  seek(offset: number, data: boolean): number | undefined {
    if (offset >= this.#size) return undefined
    for (let page = Math.floor(offset / pageBytes); page * pageBytes < this.#size; page++) {
      if (this.#pages.has(page) === data) return Math.max(offset, page * pageBytes)
    }
    return data ? undefined : this.#size
  }

  #page(page: number): Buffer {
    let bytes = this.#pages.get(page)
    if (!bytes) this.#pages.set(page, (bytes = Buffer.alloc(pageBytes)))
    return bytes
  }
}

function place(offset: number, length: number) {
  const page = Math.floor(offset / pageBytes)
  const start = offset - page * pageBytes
  return { page, start, length: Math.min(length, pageBytes - start) }
}
