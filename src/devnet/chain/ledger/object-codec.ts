import { fromBase58, toBase58 } from '@mysten/sui/utils'
import type { ObjectId } from '../../../terms/object-id.ts'
import type { ByteReader, ByteWriter } from '../move/byte-writer.ts'
import type { Linked, MovePackage, TypeOrigin } from '../move/package.ts'
import type { Owner } from '../move/session.ts'
import type { StoredObject } from '../objects/object.ts'

/** Writes an object as the log and the snapshots keep it. The format is described in the room's README. */
export function writeObject(writer: ByteWriter, object: StoredObject): void {
  writer.byte(object.kind === 'object' ? 0 : 1)
  writer.address(object.id)
  writer.integer(object.version, 8)
  writer.bytes(fromBase58(object.digest))
  writeOwner(writer, object.owner)
  writer.bytes(fromBase58(object.previousTransaction))
  writer.integer(object.storageRebate, 8)
  if (object.kind === 'object') {
    writer.text(object.type)
    writer.block(object.contents)
  } else writePackage(writer, object.package)
}

/** The inverse of {@link writeObject}. Throws a RangeError when the bytes are no object. */
export function readObject(reader: ByteReader): StoredObject {
  const kind = reader.byte()
  if (kind > 1) throw new RangeError(`unknown kind of object: ${kind}`)
  const stored = {
    id: reader.address() as ObjectId,
    version: reader.integer(8),
    digest: toBase58(reader.bytes(32)),
    owner: readOwner(reader),
    previousTransaction: toBase58(reader.bytes(32)),
    storageRebate: reader.integer(8),
  }
  if (kind === 1)
    return { ...stored, kind: 'package', package: readPackage(reader, stored.id, stored.version) }
  return { ...stored, kind: 'object', type: reader.text(), contents: reader.block().slice() }
}

const ownerKinds = ['address', 'object', 'shared', 'immutable'] as const

function writeOwner(writer: ByteWriter, owner: Owner): void {
  writer.byte(ownerKinds.indexOf(owner.kind))
  if (owner.kind === 'address') writer.address(owner.address)
  if (owner.kind === 'object') writer.address(owner.parent)
  if (owner.kind === 'shared') writer.integer(owner.initialVersion, 8)
}

function readOwner(reader: ByteReader): Owner {
  const kind = ownerKinds[reader.byte()]
  if (kind === 'address') return { kind, address: reader.address() as ObjectId }
  if (kind === 'object') return { kind, parent: reader.address() as ObjectId }
  if (kind === 'shared') return { kind, initialVersion: reader.integer(8) }
  if (kind === 'immutable') return { kind }
  throw new RangeError('unknown kind of owner')
}

function writePackage(writer: ByteWriter, stored: MovePackage): void {
  writer.address(stored.originalId)
  writer.count(stored.modules.size)
  for (const [name, bytes] of stored.modules) {
    writer.text(name)
    writer.block(bytes)
  }
  writer.count(stored.typeOrigins.length)
  for (const origin of stored.typeOrigins) {
    writer.text(origin.module)
    writer.text(origin.datatype)
    writer.address(origin.package)
  }
  writer.count(stored.linkage.size)
  for (const [original, { id, version }] of stored.linkage) {
    writer.address(original)
    writer.address(id)
    writer.integer(version, 8)
  }
}

function readPackage(reader: ByteReader, id: ObjectId, version: bigint): MovePackage {
  const originalId = reader.address() as ObjectId
  const modules = new Map<string, Uint8Array>()
  for (let rest = reader.count(); rest > 0; rest--)
    modules.set(reader.text(), reader.block().slice())
  const typeOrigins: TypeOrigin[] = []
  for (let rest = reader.count(); rest > 0; rest--)
    typeOrigins.push({
      module: reader.text(),
      datatype: reader.text(),
      package: reader.address() as ObjectId,
    })
  const linkage = new Map<ObjectId, Linked>()
  for (let rest = reader.count(); rest > 0; rest--)
    linkage.set(reader.address() as ObjectId, {
      id: reader.address() as ObjectId,
      version: reader.integer(8),
    })
  return { id, originalId, version, modules, typeOrigins, linkage }
}
