import { crc32 } from 'node:zlib'
import {
  encodeIndex,
  frameHeaderBytes,
  putFrameHeader,
  slabHeader,
  trailerBytes,
} from '../../../src/cache/slab-format.ts'
import { scanSlab } from '../../../src/cache/slab-scan.ts'
import { HashIndex } from '../../../src/cache/hash-index.ts'
import { SimulatedDisk } from '../../runtime/simulated-disk.ts'
import { expect } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const path = '/cache/pieces/one.slab'
const windowBytes = 256 << 10
const rowBytes = 40

function slabOf(pieces: readonly string[], withIndex: boolean): Buffer {
  const parts: Buffer[] = [slabHeader]
  const entries = []
  let end = slabHeader.length
  for (const text of pieces) {
    const head = Buffer.alloc(frameHeaderBytes)
    const hash = Buffer.alloc(32, text)
    putFrameHeader(head, 0, hash, text.length)
    parts.push(head, Buffer.from(text))
    entries.push({ hash, position: end + frameHeaderBytes, length: text.length })
    end += frameHeaderBytes + text.length
  }
  return Buffer.concat(withIndex ? [...parts, encodeIndex(entries, end)] : parts)
}

/** Checksums of the index where there seems to be one, and of frames where they seem to begin. */
function mend(slab: Buffer): void {
  for (let at = slabHeader.length; at + frameHeaderBytes <= slab.length;) {
    slab.writeUInt32LE(crc32(slab.subarray(at, at + 40)), at + 40)
    const length = slab.readUInt32LE(at + 4)
    if (slab.readUInt32LE(at) !== 0x50534657 || length > slab.length) break
    at += frameHeaderBytes + length
  }
  const at = slab.length - trailerBytes
  if (at < 0 || slab.toString('latin1', at, at + 7) !== 'WFSINDX') return
  const position = Math.min(slab.readUInt32LE(at + 12), at)
  const count = Math.floor((at - position) / rowBytes)
  slab.writeUInt32LE(count, at + 8)
  slab.writeUInt32LE(at - count * rowBytes, at + 12)
  slab.writeUInt32LE(crc32(slab.subarray(at - count * rowBytes, at)), at + 16)
  slab.writeUInt32LE(crc32(slab.subarray(at, at + 20)), at + 20)
}

/** A slab file. What does not check ends it: nothing is ever an error. */
export const slab: FuzzTarget = {
  name: 'cache-slab',
  refusals: [],
  tries: 600,
  seeds: () => [
    slabOf(['some', 'pieces', 'of any length'], false),
    slabOf(['some', 'pieces', 'of any length'], true),
    slabOf([], true),
  ],
  mend,
  memory: (input) => windowBytes + 64 * 1024 + 16 * input.length,
  decode: async (input) => {
    const disk = new SimulatedDisk(new Map([[path, input]]))
    const { entries, end } = await scanSlab(disk, disk.open(path, 'read'))
    expect(end === undefined || end <= input.length, 'frames end in the file')
    const index = new HashIndex(() => true)
    for (const { hash, position, length } of entries) {
      expect(hash.length === 32, 'a hash is whole')
      expect(
        position >= frameHeaderBytes && position + length <= input.length,
        'a piece lies in its slab',
      )
      index.put(hash, { slab: 1, position, length })
      expect(index.lengthAt(index.find(hash)!) === length, 'it is found')
    }
  },
}
