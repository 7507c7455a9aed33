import type { Change } from '../change.ts'
import { FormatError } from '../format-error.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { readChangeBody } from './change-reading.ts'
import { writeChangeBody } from './change-writing.ts'

/** The three high bits of a record's first byte; the others say the type. */
const version = 1
const versionShift = 5
const typeMask = (1 << versionShift) - 1

/** The number of each type. Never used again for another. */
const codes: Record<Change['type'], number> = {
  bind: 1,
  'bind-linked': 2,
  make: 3,
  link: 4,
  unlink: 5,
  rename: 6,
  attributes: 7,
  write: 8,
  punch: 9,
  clone: 10,
  shift: 11,
  xattr: 12,
  inode: 13,
  name: 14,
  totals: 15,
}
const types = new Map(Object.entries(codes).map(([type, code]) => [code, type as Change['type']]))

const out = new ByteWriter()

/** A change as a journal keeps it. Its first byte is from 0x20 to 0x3f: a journal may hold other records beside. */
export function encodeChange(change: Change): Uint8Array {
  out.clear()
  writeChange(out, change)
  return out.taken()
}

/** The same behind what was written before. */
export function writeChange(to: ByteWriter, change: Change): void {
  to.u8((version << versionShift) | codes[change.type])
  writeChangeBody(to, change)
}

/** The inverse. Throws FormatError for anything that encodeChange does not write. */
export function decodeChange(bytes: Uint8Array): Change {
  const input = new ByteReader(bytes)
  const head = input.u8()
  if (head >> versionShift !== version) {
    throw new FormatError('version', `a change of version ${head >> versionShift}`)
  }
  const type = types.get(head & typeMask)
  if (!type) throw new FormatError('feature', `a change of unknown type ${head & typeMask}`)
  const change = readChangeBody(input, type)
  input.end('a change')
  return change
}
