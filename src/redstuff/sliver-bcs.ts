import { ByteReader } from './byte-reader.ts'
import { ByteWriter, ulebBytes } from './byte-writer.ts'
import type { Axis, Sliver } from './codec.ts'

/** Bytes of a SliverData in BCS. */
export function sliverBcsBytes(sliverBytes: number): number {
  return ulebBytes(sliverBytes) + sliverBytes + 4
}

/** SliverData in BCS with room for its symbols, `data`, all of which the caller fills in. */
export function openSliverBcs(
  index: number,
  symbolBytes: number,
  sliverBytes: number,
  into?: Uint8Array,
): { readonly bcs: Uint8Array; readonly data: Uint8Array } {
  const bytes = sliverBcsBytes(sliverBytes)
  const writer = new ByteWriter(into?.subarray(0, bytes) ?? bytes)
  writer.uleb(sliverBytes)
  const data = writer.reserve(sliverBytes)
  writer.u16(symbolBytes)
  writer.u16(index)
  return { bcs: writer.bytes, data }
}

/** The same with symbols that are zero. */
export function blankSliverBcs(
  index: number,
  symbolBytes: number,
  sliverBytes: number,
  into?: Uint8Array,
): { readonly bcs: Uint8Array; readonly data: Uint8Array } {
  const sliver = openSliverBcs(index, symbolBytes, sliverBytes, into)
  if (into) sliver.data.fill(0)
  return sliver
}

/** SliverData in BCS. */
export function encodeSliver(sliver: Sliver): Uint8Array {
  const { bcs, data } = openSliverBcs(sliver.index, sliver.symbolBytes, sliver.data.length)
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
