import { damaged } from '../format-error.ts'
import { ByteReader } from '../format/byte-reader.ts'
import { ByteWriter } from '../format/byte-writer.ts'
import { readRef, writeRef } from '../format/ref-format.ts'
import type { PackNaming } from '../node-source.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { Child, Entry, MapKind, Totals } from './map-kind.ts'
import { encodePage, NodePage } from './node-page.ts'

/** Deeper trees than this are refused; two children in each node give 2^32 leaves. */
const maxLevel = 32

/** What an inner node says of a child, or a record of the root. */
export interface Expected {
  /** Undefined for a root. */
  readonly level?: number
  /** All keys are greater. */
  readonly after?: string
  /** The greatest key. */
  readonly last?: string
  readonly totals?: Totals
}

/** A stored node whose head and keys were read and checked. */
export type StoredNode<V> = StoredLeaf<V> | StoredInner

export interface StoredInner {
  readonly level: number
  readonly keys: readonly string[]
  readonly children: readonly Child[]
  readonly totals: Totals
}

/** A leaf; its values are read when they are asked for. */
export class StoredLeaf<V> {
  readonly level = 0
  readonly keys: readonly string[]
  readonly #kind: MapKind<V>
  readonly #page: NodePage
  /** Where each value begins and, behind the last, where the node ends. */
  readonly #starts: readonly number[]

  constructor(
    kind: MapKind<V>,
    page: NodePage,
    keys: readonly string[],
    starts: readonly number[],
  ) {
    this.#kind = kind
    this.#page = page
    this.keys = keys
    this.#starts = starts
  }

  value(index: number): V {
    const key = this.keys[index]!
    const input = new ByteReader(
      this.#page.bytes,
      this.#starts[index * 2],
      this.#starts[index * 2 + 1],
    )
    const value = this.#kind.read(input, this.#page, key)
    input.end('a value')
    return value
  }
}

/** Body of a leaf: byte 0, varint count; each entry: sized key, sized value. */
export function encodeLeaf<V>(
  kind: MapKind<V>,
  entries: readonly Entry<V>[],
  naming: PackNaming,
): Uint8Array {
  const scratch = new ByteWriter()
  return encodePage(kind.code, naming, (out, blobs) => {
    out.u8(0)
    out.varint(entries.length)
    for (const [key, value] of entries) {
      scratch.clear()
      kind.write(scratch, blobs, value)
      out.text(key)
      out.sized(scratch.view())
    }
  })
}

/** Body of an inner node: byte level, varint count; each child: sized key, reference, varints count, inodes, bytes. */
export function encodeInner<V>(
  kind: MapKind<V>,
  level: number,
  children: readonly Child[],
  naming: PackNaming,
): Uint8Array {
  return encodePage(kind.code, naming, (out, blobs) => {
    out.u8(level)
    out.varint(children.length)
    for (const child of children) {
      out.text(child.key)
      writeRef(out, blobs, child.ref)
      out.varint(child.count)
      out.varint(child.inodes)
      out.varint(child.bytes)
    }
  })
}

/** Reads a node and checks all that it says of itself. Throws FormatError. */
export function decodeNode<V>(kind: MapKind<V>, bytes: Uint8Array, blob: BlobId): StoredNode<V> {
  const page = new NodePage(bytes, blob, kind.code)
  const input = page.body()
  const level = input.u8()
  if (level > maxLevel) throw damaged(`a node of ${kind.what} has level ${level}`)
  const count = input.limited(input.remaining, 'a count of entries')
  const node =
    level === 0 ? readLeaf(kind, page, input, count) : readInner(page, input, level, count)
  input.end('a node')
  for (const [i, key] of node.keys.entries()) {
    if (i > 0 && key <= node.keys[i - 1]!) throw damaged(`keys of ${kind.what} are not sorted`)
  }
  return node
}

function readLeaf<V>(
  kind: MapKind<V>,
  page: NodePage,
  input: ByteReader,
  count: number,
): StoredLeaf<V> {
  const keys: string[] = []
  const starts: number[] = []
  for (let i = 0; i < count; i++) {
    const key = input.text(input.remaining, 'a key')
    kind.checkKey(key)
    keys.push(key)
    const length = input.varint()
    starts.push(input.position)
    input.skip(length)
    starts.push(input.position)
  }
  return new StoredLeaf(kind, page, keys, starts)
}

function readInner(page: NodePage, input: ByteReader, level: number, count: number): StoredInner {
  const children: Child[] = []
  for (let i = 0; i < count; i++) {
    const key = input.text(input.remaining, 'a key')
    const ref = readRef(input, page)
    children.push({
      key,
      ref,
      count: input.varint(),
      inodes: input.varint(),
      bytes: input.varint(),
    })
  }
  return { level, keys: children.map(({ key }) => key), children, totals: sumOf(children) }
}

/** Checks that a node is the one that its inner node, or for a root nobody, speaks of. Throws FormatError. */
export function checkNode<V>(kind: MapKind<V>, node: StoredNode<V>, expected: Expected): void {
  const { level, keys } = node
  const fewest = level > 0 && expected.level === undefined ? 2 : 1
  const fits =
    (expected.level === undefined || level === expected.level) &&
    keys.length >= fewest &&
    (expected.after === undefined || keys[0]! > expected.after) &&
    (expected.last === undefined || keys.at(-1) === expected.last) &&
    (expected.totals === undefined || hasTotals(node, expected.totals))
  if (!fits) throw damaged(`a node of ${kind.what} does not fit to what refers to it`)
}

function hasTotals<V>(node: StoredNode<V>, expected: Totals): boolean {
  if (isLeaf(node)) return node.keys.length === expected.count
  const { count, inodes, bytes } = node.totals
  return count === expected.count && inodes === expected.inodes && bytes === expected.bytes
}

export function isLeaf<V>(node: StoredNode<V>): node is StoredLeaf<V> {
  return node.level === 0
}

export function sumOf(parts: readonly Totals[]): Totals {
  let [count, inodes, bytes] = [0, 0, 0]
  for (const part of parts) {
    count += part.count
    inodes += part.inodes
    bytes += part.bytes
  }
  return { count, inodes, bytes }
}

/** What a child must be, as its inner node says. */
export function expectedOf(node: StoredInner, index: number, after: string | undefined): Expected {
  const child = node.children[index]!
  const before = index > 0 ? node.keys[index - 1] : after
  return {
    level: node.level - 1,
    last: child.key,
    totals: child,
    ...(before === undefined ? {} : { after: before }),
  }
}

/** The index of the first key that is not below `key`. */
export function firstNotBelow(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! >= key) high = middle
    else low = middle + 1
  }
  return low
}
