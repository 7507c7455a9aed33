import { blobIdFromBytes } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { ByteReader } from '../chain/move/byte-writer.ts'
import type { G } from '../chain/proto/grpc-types.ts'
import type { EventId, WalrusEvent } from '../chain-view.ts'
import { walrusOriginal } from './addresses.ts'

const prefix = `${walrusOriginal}::events::`

/** Whether storage nodes care for events of a type. */
export function isWalrusEvent(type: string): boolean {
  return type.startsWith(prefix) && type.slice(prefix.length) in readers
}

/** The events of a transaction that storage nodes act on. */
export function walrusEvents(message: G.ExecutedTransaction): WalrusEvent[] {
  const events = message.events?.events ?? []
  return events.flatMap((event, sequence) => {
    const read = readers[(event.eventType ?? '').slice(prefix.length)]
    if (!read || !isWalrusEvent(event.eventType!)) return []
    const id = { transaction: message.digest!, sequence }
    return [read(new ByteReader(event.contents!.value!), id)]
  })
}

type Reader = (reader: ByteReader, id: EventId) => WalrusEvent

const u32 = (reader: ByteReader): number => Number(reader.integer(4))
const u64 = (reader: ByteReader): number => Number(reader.integer(8))
const blobId = (reader: ByteReader) => blobIdFromBytes(reader.bytes(32))
const flag = (reader: ByteReader): boolean => reader.byte() === 1
const objectId = (reader: ByteReader): ObjectId => reader.address() as ObjectId

/** Fields in the order of their declaration in `walrus::events`. */
const readers: Readonly<Record<string, Reader>> = {
  BlobRegistered: (reader, id) => ({
    type: 'BlobRegistered',
    id,
    epoch: u32(reader),
    blobId: blobId(reader),
    size: u64(reader),
    encodingType: reader.byte(),
    endEpoch: u32(reader),
    deletable: flag(reader),
    objectId: objectId(reader),
  }),
  BlobCertified: (reader, id) => ({
    type: 'BlobCertified',
    id,
    epoch: u32(reader),
    blobId: blobId(reader),
    endEpoch: u32(reader),
    deletable: flag(reader),
    objectId: objectId(reader),
    isExtension: flag(reader),
  }),
  BlobDeleted: (reader, id) => ({
    type: 'BlobDeleted',
    id,
    epoch: u32(reader),
    blobId: blobId(reader),
    endEpoch: u32(reader),
    objectId: objectId(reader),
    wasCertified: flag(reader),
  }),
  EpochChangeDone: (reader, id) => ({ type: 'EpochChanged', id, epoch: u32(reader) }),
}
