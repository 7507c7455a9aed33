import { ByteReader } from './byte-reader.ts'
import { ByteWriter, ulebBytes } from './byte-writer.ts'
import type { Axis, Sliver } from './codec.ts'

/** Bytes of a SliverData in BCS. */
export function sliverBcsBytes(sliverBytes: number): number {
  return ulebBytes(sliverBytes) + sliverBytes + 4
}

/** SliverData in BCS with room for its symbols, which are zero: the caller fills them into `data`. */
export function blankSliverBcs(
  index: number,
  symbolBytes: number,
  sliverBytes: number,
  into?: Uint8Array,
): { readonly bcs: Uint8Array; readonly data: Uint8Array } {
  const bytes = sliverBcsBytes(sliverBytes)
  const writer = new ByteWriter(into?.subarray(0, bytes).fill(0) ?? bytes)
  writer.uleb(sliverBytes)
  const data = writer.reserve(sliverBytes)
  writer.u16(symbolBytes)
  writer.u16(index)
  return { bcs: writer.bytes, data }
}

/** SliverData in BCS. */
export function encodeSliver(sliver: Sliver): Uint8Array {
  const { bcs, data } = blankSliverBcs(sliver.index, sliver.symbolBytes, sliver.data.length)
  data.set(sliver.data)
  return bcs
}

/** Reads SliverData; its data is a view of the bytes. Throws FormatError. */
export function decodeSliver(axis: Axis, bytes: Uint8Array): Sliver {
  const reader = new ByteReader(bytes)
  const data = reader.bytes(reader.uleb())
  const symbolBytes = reader.u16()
  const index = reader.u16()
  reader.end()
  return { axis, index, symbolBytes, data }
}
