import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { openPieceCodec } from '../../../src/crypto/open-piece-codec.ts'
import { PieceCodingError } from '../../../src/crypto/piece-codec.ts'
import { seal } from '../../../src/crypto/sealing.ts'
import { Seal } from '../../../src/terms/piece-coding.ts'
import type { Compression } from '../../../src/terms/piece-coding.ts'
import { expect, expectSame } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import {
  decodeSlots,
  encodeSlots,
  SlotFormatError,
  type KeySlot,
} from '../../../src/crypto/key-slots.ts'

const key = createHash('sha256').update('a key for tests').digest()
const sealed = openPieceCodec({ key })
const plain = openPieceCodec()
const headBytes = 6

const isSealed = 1
/** What is stored was sealed as it is, so that what lies behind the seal is reached. */
const isSealedRightly = 2

function sealOf(flags: number): Seal {
  if (flags & isSealedRightly) return Seal.aes256gcm
  return flags & isSealed ? Seal.xaes256gcm : Seal.none
}

function head(flags: number, compression: Compression, length: number): Buffer {
  const bytes = Buffer.from([flags, compression, 0, 0, 0, 0])
  bytes.writeUInt32LE(length, 2)
  return bytes
}

/** A byte of flags, one for the compression, four for the plain length; the stored bytes. */
export const piece: FuzzTarget = {
  name: 'piece',
  refusals: [PieceCodingError],
  seeds: () => {
    const text = Buffer.from('some bytes, some more bytes, '.repeat(20))
    const zeros = Buffer.alloc(1 << 20)
    const wide = {
      params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_checksumFlag]: 1 },
    }
    const frames: [Buffer, number][] = [
      [zstdCompressSync(text), text.length],
      [zstdCompressSync(zeros), zeros.length],
      [zstdCompressSync(zeros), 100],
      [zstdCompressSync(text, wide), text.length],
      [Buffer.concat([zstdCompressSync(text), zstdCompressSync(text)]), 2 * text.length],
    ]
    return [
      ...frames.map(([frame, length]) => Buffer.concat([head(0, 1, length), frame])),
      ...frames.map(([frame, length]) => Buffer.concat([head(isSealedRightly, 1, length), frame])),
      Buffer.concat([head(isSealed, 0, 5), sealed.encode(Buffer.from('hello')).stored]),
      Buffer.concat([head(0, 0, text.length), text]),
    ]
  },
  // Plain bytes, as many as can be in so many of a frame, a few times over.
  memory: (input) => {
    const length = input.length < headBytes ? 0 : input.readUInt32LE(2)
    return 256 * 1024 + 16 * input.length + 4 * Math.min(length, 40_000 * input.length)
  },
  decode: (input) => {
    if (input.length < headBytes) return
    const [flags, compression] = [input[0]!, input[1]! as Compression]
    const length = input.readUInt32LE(2)
    const given = input.subarray(headBytes)
    const as = { compression, length }
    const stored = flags & isSealedRightly ? seal(key, as, given) : given
    const codec = flags & (isSealed | isSealedRightly) ? sealed : plain
    const coding = { ...as, seal: sealOf(flags) }
    const bytes = codec.decode(coding, stored)
    expect(bytes.length === length, 'a piece has the length that it says')
    if (length < 1 << 16) {
      const again = codec.encode(bytes)
      expectSame(codec.decode(again, again.stored), bytes, 'a piece')
    }
  },
}

const tableOf = (...slots: Parameters<typeof encodeSlots>[0]['slots']) =>
  Buffer.from(encodeSlots({ keyId: '01'.repeat(16), slots }))

/** A table of key slots, as the chain has it. */
export const keySlots: FuzzTarget = {
  name: 'key-slots',
  refusals: [SlotFormatError],
  seeds: () => {
    const bytes = (value: number, length = 32) => Uint8Array.from(Buffer.alloc(length, value))
    const slot = (id: number, way: KeySlot['way']): KeySlot => {
      const named = { id: Buffer.alloc(8, id).toString('hex'), createdMs: 1e12, label: 'a laptop' }
      return { ...named, way, sealedKey: bytes(9, 60) }
    }
    const cost = { logN: 17, r: 8, p: 1 }
    const wallet = { recipient: bytes(1), sender: bytes(2), ephemeral: bytes(3) }
    return [
      tableOf(),
      tableOf(slot(1, { kind: 'passphrase', salt: bytes(4), cost })),
      tableOf(slot(1, { kind: 'key-file' }), slot(2, { kind: 'recovery' })),
      tableOf(slot(3, { kind: 'wallet', ...wallet })),
    ]
  },
  memory: (input) => 256 * 1024 + 16 * input.length,
  decode: (input) => {
    const table = decodeSlots(input)
    expectSame(encodeSlots(table), input, 'a table of key slots')
  },
}
