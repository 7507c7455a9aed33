/**
 * Reads a public drive with nothing but Node.js and what `src/tree/README.md` and `src/crypto/README.md` say, so that they are known to
 * be enough for another program. It imports nothing of walrusfs on purpose.
 */
import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'

/** What the manifest says. */
export interface RootPlace {
  readonly format: number
  readonly blob: string
  readonly offset: number
  readonly length: number
  readonly hash: string
}

interface Reference {
  readonly blob: string
  readonly offset: number
  readonly stored: number
  readonly coding: number
  readonly hash: string
}

interface Extent {
  readonly start: number
  readonly length: number
  readonly bytes: () => Uint8Array
}

export interface Inode {
  readonly number: number
  readonly mode: number
  readonly nlink: number
  readonly mtime: string
  readonly xattrs: Readonly<Record<string, string>>
  readonly target?: string
  readonly size: number
  readonly extents?: readonly Extent[]
  readonly map?: Reference
}

type BlobOf = (id: string) => Uint8Array

/** Section 1: varint, signed, sized, time, piece body, reference. */
class Bytes {
  at = 0
  readonly bytes: Uint8Array
  readonly blobs: readonly string[]

  constructor(bytes: Uint8Array, blobs: readonly string[]) {
    this.bytes = bytes
    this.blobs = blobs
  }

  get more(): boolean {
    return this.at < this.bytes.length
  }

  u8 = (): number => this.bytes[this.at++]!

  take(length: number): Uint8Array {
    return this.bytes.subarray(this.at, (this.at += length))
  }

  varint(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  signed(): number {
    const value = this.varint()
    return value % 2 ? -(value + 1) / 2 : value / 2
  }

  sized = (): Uint8Array => this.take(this.varint())
  text = (): string => Buffer.from(this.sized()).toString()
  time = (): string => `${this.signed()}.${this.varint()}`
  hash = (): string => Buffer.from(this.take(32)).toString('base64url')

  body(blob: string, offset: number): Reference {
    const [stored, coding] = [this.varint(), this.u8()]
    if (coding !== 0) this.varint()
    return { blob, offset, stored, coding, hash: this.hash() }
  }

  reference(): Reference {
    const blob = this.blobs[this.varint()]!
    return this.body(blob, this.varint())
  }
}

/** A drive as its root record and the small changes in its manifest say it. */
export class DriveReader {
  readonly #blobOf: BlobOf
  readonly #inodes = new Map<number, Inode>()
  /** Names by directory, as small changes have them: 0 means that the name is gone. */
  readonly #names = new Map<number, Map<string, number>>()
  readonly #linked = new Map<number, Inode>()
  readonly root: Inode

  constructor(place: RootPlace, inline: readonly Uint8Array[], blobOf: BlobOf) {
    this.#blobOf = blobOf
    if (place.format !== 1) throw new Error('the root record is not of format 1, or sealed')
    const { blob, offset, length: stored, hash } = place
    const record = this.#page({ blob, offset, stored, coding: 0, hash }, 5)
    record.varint()
    record.varint()
    record.sized()
    const follows = record.u8()
    const [, links] = [1, 2, 4].map((bit) => (follows & bit ? record.reference() : undefined))
    const root = this.#inode(record)
    if (links) this.#entries(links, (_, entry) => this.#link(entry))
    for (const change of inline) this.#stand(change)
    this.root = this.#inodes.get(root.number) ?? root
  }

  /** The names of a directory, each with its inode. */
  list(directory: Inode): Map<string, Inode> {
    const found = new Map<string, Inode>()
    if (directory.map) {
      this.#entries(directory.map, (key, entry) => found.set(key.toString(), this.#entry(entry)))
    }
    for (const [name, number] of this.#names.get(directory.number) ?? []) {
      const inode = this.#inodes.get(number) ?? this.#linked.get(number)
      if (number === 0 || !inode) found.delete(name)
      else found.set(name, inode)
    }
    return found
  }

  /** Section 2: a map, node by node. */
  #entries(node: Reference, take: (key: Buffer, value: Bytes) => void): void {
    const page = this.#page(node)
    const level = page.u8()
    for (let left = page.varint(); left > 0; left--) {
      const key = Buffer.from(page.sized())
      if (level === 0) take(key, new Bytes(page.sized(), page.blobs))
      else {
        const child = page.reference()
        for (let sums = 3; sums > 0; sums--) page.varint()
        this.#entries(child, take)
      }
    }
  }

  #entry(entry: Bytes): Inode {
    if (entry.u8() === 0) {
      const inode = this.#inode(entry)
      return this.#inodes.get(inode.number) ?? inode
    }
    const number = entry.varint()
    return this.#inodes.get(number) ?? this.#linked.get(number)!
  }

  #link(entry: Bytes): void {
    const inode = this.#inode(entry)
    this.#linked.set(inode.number, inode)
  }

  /** Section 6a: a small change in the manifest. */
  #stand(change: Uint8Array): void {
    const record = new Bytes(change, [])
    const [format, features] = [record.u8(), record.varint()]
    if (format !== 1 || features !== 0) throw new Error('a record of a newer program')
    record.varint()
    record.sized()
    while (record.more) {
      const part = new Bytes(record.sized(), [])
      const type = part.u8() - 0x20
      if (type === 13) {
        part.u8()
        const inode = this.#inode(part, true)
        this.#inodes.set(inode.number, inode)
      } else if (type === 14) {
        const [number, parent, name] = [part.varint(), part.varint(), part.text()]
        const names = this.#names.get(parent) ?? new Map<string, number>()
        this.#names.set(parent, names.set(name, number))
      }
    }
  }

  /** Section 3; in a change blobs stand as 32 bytes. */
  #inode(from: Bytes, isChange = false): Inode {
    const [number, mode, flags] = [from.varint(), from.varint(), from.varint()]
    from.varint()
    from.varint()
    if (flags & 1) from.varint()
    const type = mode & 0o170000
    const nlink = flags & 16 ? from.varint() : type === 0o040000 ? 2 : 1
    const mtime = from.time()
    if (flags & 4) from.time()
    if (flags & 8) from.time()
    const xattrs: Record<string, string> = {}
    for (let left = flags & 2 ? from.varint() : 0; left > 0; left--) {
      xattrs[from.text()] = Buffer.from(from.sized()).toString('hex')
    }
    const inode = { number, mode, nlink, mtime, xattrs, size: 0 }
    const reference = () => (isChange ? from.body(from.hash(), from.varint()) : from.reference())
    if (type === 0o040000) {
      if (from.varint() === 0) return inode
      from.varint()
      from.varint()
      return { ...inode, map: reference() }
    }
    if (type === 0o120000) {
      const target = from.text()
      return { ...inode, target, size: target.length }
    }
    if (type !== 0o100000) return inode
    return { ...inode, size: from.varint(), extents: this.#content(from, reference) }
  }

  /** Section 3.1. */
  #content(from: Bytes, reference: () => Reference): Extent[] {
    const kind = from.u8()
    const extents: Extent[] = []
    if (kind === 1) {
      let [end, last] = [0, undefined as Reference | undefined]
      for (let left = from.varint(); left > 0; left--) {
        const [start, length] = [end + from.varint(), from.varint()]
        const source = this.#source(from, length, reference, last)
        last = source.piece
        extents.push({ start, length, bytes: source.bytes })
        end = start + length
      }
    } else if (kind === 2) {
      from.varint()
      from.varint()
      this.#entries(reference(), (key, value) => {
        const [start, length] = [Number(key.readBigUInt64BE()), value.varint()]
        const { bytes } = this.#source(value, length, () => value.reference(), undefined)
        extents.push({ start, length, bytes })
      })
    }
    return extents
  }

  /** Section 3.2. */
  #source(
    from: Bytes,
    length: number,
    reference: () => Reference,
    last: Reference | undefined,
  ): { readonly piece: Reference | undefined; readonly bytes: () => Uint8Array } {
    const kind = from.u8()
    if (kind === 1) {
      const inline = from.take(length)
      return { piece: undefined, bytes: () => inline }
    }
    const at = from.varint()
    const piece = kind === 3 ? from.body(last!.blob, last!.offset + last!.stored) : reference()
    return { piece, bytes: () => this.#piece(piece).subarray(at, at + length) }
  }

  #page(reference: Reference, kind?: number): Bytes {
    const page = new Bytes(this.#piece(reference), [])
    const [format, is, features] = [page.u8(), page.u8(), page.varint()]
    if (format !== 1 || features !== 0) throw new Error('a page of a newer program')
    if (kind !== undefined && is !== kind) throw new Error(`a page of kind ${is}`)
    const blobs = [reference.blob]
    for (let left = page.varint(); left > 0; left--) blobs.push(page.hash())
    return new Bytes(page.take(page.bytes.length - page.at), blobs)
  }

  /** The bytes that a reference names, once they are what its hash says; `src/crypto/README.md` has the codings. */
  #piece({ blob, offset, stored, coding, hash }: Reference): Uint8Array {
    const bytes = this.#blobOf(blob).subarray(offset, offset + stored)
    if (createHash('sha256').update(bytes).digest('base64url') !== hash) {
      throw new Error(`what lies at ${offset} of ${blob} is not what was stored`)
    }
    if (coding === 0) return bytes
    if (coding === 1) return zstdDecompressSync(bytes)
    throw new Error(`coding ${coding}: the drive is sealed, or of a newer program`)
  }
}
