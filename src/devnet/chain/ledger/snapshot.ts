import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ByteReader, ByteWriter } from '../move/byte-writer.ts'
import type { StoredObject } from '../objects/object.ts'
import { frameOf, framesIn } from './frames.ts'
import { readObject, writeObject } from './object-codec.ts'
import { syncDirectory } from './segment.ts'

const snapshotMagic = Buffer.from('WFSSNP01')
/** Objects in a frame: little enough to keep a turn of the event loop short. */
const batch = 64

/**
 * Writes all objects of a moment into a file, which appears under its name when it is complete and durable. The
 * objects do not change while they are written.
 */
export async function writeSnapshot(path: string, objects: readonly StoredObject[]): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.write(snapshotMagic)
    for (let i = 0; i < objects.length; i += batch) {
      await file.write(frameOf(encodeBatch(objects.slice(i, i + batch))))
      await nextTurn()
    }
    await file.write(frameOf(encodeEnd(objects.length)))
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  syncDirectory(dirname(path))
}

/** The objects of a snapshot; undefined when it is damaged or incomplete. */
export async function readSnapshot(path: string): Promise<StoredObject[] | undefined> {
  const bytes = await readFile(path)
  if (!bytes.subarray(0, snapshotMagic.length).equals(snapshotMagic)) return undefined
  const objects: StoredObject[] = []
  for (const { content } of framesIn(bytes, snapshotMagic.length)) {
    const reader = new ByteReader(content)
    if (reader.byte() === 1)
      return reader.integer(8) === BigInt(objects.length) ? objects : undefined
    for (let rest = reader.count(); rest > 0; rest--) objects.push(readObject(reader))
  }
  return undefined
}

function encodeBatch(objects: readonly StoredObject[]): Uint8Array {
  const writer = new ByteWriter(65_536)
  writer.byte(0)
  writer.count(objects.length)
  for (const object of objects) writeObject(writer, object)
  return writer.finish()
}

function encodeEnd(count: number): Uint8Array {
  const writer = new ByteWriter(16)
  writer.byte(1)
  writer.integer(BigInt(count), 8)
  return writer.finish()
}
