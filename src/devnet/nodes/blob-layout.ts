import { codeParameters, sliverBytes } from '../../redstuff/parameters.ts'
import type { Axis, BlobMetadata } from '../../redstuff/codec.ts'

/** `walrnod1`: a node's file of one blob, format 1. */
export const magic = Buffer.from('walrnod1')
export const headerBytes = 32
export const entryBytes = 8
const dataAlignment = 4096

/** Where things lie in a blob's file; the format is described in README.md. */
export interface BlobLayout {
  readonly metadataBytes: number
  /** Shards of the node: so many slivers of each axis. */
  readonly slots: number
  readonly tableAt: number
  readonly dataAt: number
  readonly primarySliverBytes: number
  readonly secondarySliverBytes: number
  readonly symbolBytes: number
}

export function blobLayout(
  metadata: BlobMetadata,
  metadataBytes: number,
  slots: number,
): BlobLayout {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  const tableAt = Math.ceil((headerBytes + metadataBytes) / entryBytes) * entryBytes
  const tableEnd = tableAt + 2 * slots * entryBytes
  return {
    metadataBytes,
    slots,
    tableAt,
    dataAt: Math.ceil(tableEnd / dataAlignment) * dataAlignment,
    primarySliverBytes: sliverBytes(parameters, 'primary'),
    secondarySliverBytes: sliverBytes(parameters, 'secondary'),
    symbolBytes: parameters.symbolBytes,
  }
}

/** The number of a sliver in the table: the primary ones first. */
export function entryOf(layout: BlobLayout, axis: Axis, slot: number): number {
  return axis === 'primary' ? slot : layout.slots + slot
}

/** Where the symbols of a sliver begin in the file. */
export function sliverAt(layout: BlobLayout, axis: Axis, slot: number): number {
  return axis === 'primary'
    ? layout.dataAt + slot * layout.primarySliverBytes
    : layout.dataAt + layout.slots * layout.primarySliverBytes + slot * layout.secondarySliverBytes
}

/** Bytes of symbols in a sliver. */
export function sliverBytesOf(layout: BlobLayout, axis: Axis): number {
  return axis === 'primary' ? layout.primarySliverBytes : layout.secondarySliverBytes
}

/** The start of a file: everything before the table. */
export function encodeHead(metadataBcs: Uint8Array, metadataCrc: number, slots: number): Buffer {
  const head = Buffer.alloc(headerBytes + metadataBcs.length)
  magic.copy(head)
  head.writeUInt32LE(metadataBcs.length, 8)
  head.writeUInt32LE(metadataCrc, 12)
  head.writeUInt32LE(slots, 16)
  head.set(metadataBcs, headerBytes)
  return head
}

/** Where the mark lies that says: everything before it was made durable. */
export const sealedAt = 20
