import { ByteReader, FormatError } from './byte-reader.ts'
import { ByteWriter, ulebBytes } from './byte-writer.ts'
import type { Axis, DecodingSymbol } from './codec.ts'
import { emptyNode } from './merkle.ts'

/**
 * A cell of the matrix with a proof against the sliver it was taken from (GeneralRecoverySymbol). `helps` is
 * the axis of the target sliver: for `primary` the source is secondary sliver `index`, for `secondary` it is
 * primary sliver `index`.
 */
export interface RecoverySymbol extends DecodingSymbol {
  readonly helps: Axis
  /** Index of the sliver that it helps to recover. */
  readonly target: number
  /** Sibling hashes from the leaf up. */
  readonly proof: readonly Uint8Array[]
}

/** Symbols without proofs that help to recover one sliver. */
export interface TargetSymbols {
  readonly target: number
  readonly helps: Axis
  readonly symbols: readonly DecodingSymbol[]
}

const axes = ['primary', 'secondary'] as const

function symbolBcsBytes(symbol: DecodingSymbol): number {
  return 3 + ulebBytes(symbol.data.length) + symbol.data.length
}

function writeSymbol(writer: ByteWriter, helps: Axis, symbol: DecodingSymbol): void {
  writer.u8(axes.indexOf(helps))
  writer.u16(symbol.index)
  writer.uleb(symbol.data.length)
  writer.put(symbol.data)
}

function readSymbol(reader: ByteReader): DecodingSymbol & { readonly helps: Axis } {
  const helps = axes[reader.u8()]
  if (helps === undefined) throw new FormatError('a symbol for no known axis')
  const index = reader.u16()
  return { helps, index, data: reader.bytes(reader.uleb()) }
}

/** A vector's elements; its stated length is not believed before they have been seen. */
function readVector<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const elements: T[] = []
  for (let rest = reader.uleb(); rest > 0; rest--) elements.push(read(reader))
  return elements
}

function isEmpty(node: Uint8Array): boolean {
  return Buffer.compare(node, emptyNode) === 0
}

function proofBcsBytes(proof: readonly Uint8Array[]): number {
  return proof.reduce((sum, node) => sum + (isEmpty(node) ? 1 : 33), ulebBytes(proof.length))
}

function writeProof(writer: ByteWriter, proof: readonly Uint8Array[]): void {
  writer.uleb(proof.length)
  for (const node of proof) {
    writer.u8(isEmpty(node) ? 0 : 1)
    if (!isEmpty(node)) writer.put(node)
  }
}

function readProof(reader: ByteReader): Uint8Array[] {
  const length = reader.uleb()
  if (length > 16) throw new FormatError(`a proof of ${length} nodes`)
  return Array.from({ length }, () => {
    const kind = reader.u8()
    if (kind > 1) throw new FormatError(`a node of kind ${kind}`)
    return kind === 0 ? emptyNode : reader.bytes(32)
  })
}

/** The answer of a storage node to `recoverySymbols`: a vector of GeneralRecoverySymbol. */
export function encodeRecoverySymbols(symbols: readonly RecoverySymbol[]): Uint8Array {
  const bytes = symbols.reduce(
    (sum, symbol) => sum + symbolBcsBytes(symbol) + 2 + proofBcsBytes(symbol.proof),
    ulebBytes(symbols.length),
  )
  const writer = new ByteWriter(bytes)
  writer.uleb(symbols.length)
  for (const symbol of symbols) {
    writeSymbol(writer, symbol.helps, symbol)
    writer.u16(symbol.target)
    writeProof(writer, symbol.proof)
  }
  return writer.bytes
}

/** Reads the answer to `recoverySymbols`; data are views of the bytes. Throws FormatError. */
export function decodeRecoverySymbols(bytes: Uint8Array): RecoverySymbol[] {
  const reader = new ByteReader(bytes)
  const symbols = readVector(reader, (own) => {
    const symbol = readSymbol(own)
    return { ...symbol, target: own.u16(), proof: readProof(own) }
  })
  reader.end()
  return symbols
}

/** A BCS map is sorted by the bytes of its keys, and a u16 is little endian. */
function order(target: number): number {
  return ((target & 255) << 8) | (target >> 8)
}

/** The answer of a storage node to `decodingSymbols`: a map from target sliver to symbols. */
export function encodeDecodingSymbols(targets: readonly TargetSymbols[]): Uint8Array {
  const sorted = targets.toSorted((a, b) => order(a.target) - order(b.target))
  const bytes = sorted.reduce(
    (sum, { symbols }) =>
      symbols.reduce((own, symbol) => own + symbolBcsBytes(symbol), sum) +
      2 +
      ulebBytes(symbols.length),
    ulebBytes(sorted.length),
  )
  const writer = new ByteWriter(bytes)
  writer.uleb(sorted.length)
  for (const { target, helps, symbols } of sorted) {
    writer.u16(target)
    writer.uleb(symbols.length)
    for (const symbol of symbols) writeSymbol(writer, helps, symbol)
  }
  return writer.bytes
}

function readTarget(reader: ByteReader): TargetSymbols {
  const target = reader.u16()
  const own = readVector(reader, readSymbol)
  const helps = own[0]?.helps ?? 'primary'
  if (own.some((symbol) => symbol.helps !== helps)) throw new FormatError('mixed axes')
  return { target, helps, symbols: own.map(({ index, data }) => ({ index, data })) }
}

/** Reads the answer to `decodingSymbols`; data are views of the bytes. Throws FormatError. */
export function decodeDecodingSymbols(bytes: Uint8Array): TargetSymbols[] {
  const reader = new ByteReader(bytes)
  const targets = readVector(reader, readTarget)
  reader.end()
  for (const [i, { target }] of targets.entries()) {
    if (i > 0 && order(target) <= order(targets[i - 1]!.target)) {
      throw new FormatError('targets out of order')
    }
  }
  return targets
}
