import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import { blake2b256 } from '../blake2b.ts'
import { dynamicFieldId } from '../object-id.ts'
import type { Native } from '../move/machine.ts'
import { encodeValue } from '../move/value-codec.ts'
import { MoveVector, SlotReference, objectIdOf } from '../move/values.ts'
import type { Reference, Struct, Value } from '../move/values.ts'
import { byteVector, bytesAt, bytesOf } from './native-set.ts'
import type { NativeTable } from './native-set.ts'

const id = (value: Value | undefined): ObjectId => value as ObjectId

/** The address inside a `&UID`. */
function uidAt(reference: Value | undefined): ObjectId {
  const uid = (reference as Reference).get() as Struct
  return (uid.fields[0] as Struct).fields[0] as ObjectId
}

const borrowChild: Native = ({ session, typeArguments, abort }, parent, child) => {
  const found = session.borrowChild(uidAt(parent), id(child), typeArguments[0]!)
  return [typeof found === 'bigint' ? abort(found) : found]
}

const removeChild: Native = ({ session, typeArguments, abort }, parent, child) => {
  const found = session.removeChild(id(parent), id(child), typeArguments[0]!)
  return [typeof found === 'bigint' ? abort(found) : found.value]
}

const receive: Native = ({ session, typeArguments, abort }, parent, child, version) => {
  const childId = (child as Struct).fields[0]
  const found = session.receive(id(parent), id(childId), version as bigint, typeArguments[0]!)
  return [found ?? abort(3n)]
}

const isOneTimeWitness: Native = ({ typeArguments: [type] }) => {
  if (type?.kind !== 'datatype') return [false]
  const { datatype } = type
  return [datatype.name === datatype.module.toUpperCase()]
}

const hashTypeAndKey: Native = ({ typeArguments: [type] }, parent, key) => [
  dynamicFieldId(id(parent), type!, encodeValue(type!, key!)),
]

const emit: Native = ({ session, typeArguments }, event) => {
  session.emit(typeArguments[0]!, event!)
  return []
}

/** Native functions of `sui` (0x2) that look at the transaction and at objects. */
export const objectNatives: NativeTable = {
  'tx_context::native_sender': ({ session }) => [session.sender],
  'tx_context::native_epoch': ({ session }) => [session.epoch],
  'tx_context::native_epoch_timestamp_ms': ({ session }) => [session.epochTimestampMs],
  'tx_context::native_rgp': ({ session }) => [session.referenceGasPrice],
  'tx_context::native_gas_price': ({ session }) => [session.gasPrice],
  'tx_context::native_sponsor': ({ session }) => [
    new MoveVector(session.sponsor ? [session.sponsor] : []),
  ],
  'tx_context::fresh_id': ({ session }) => [session.freshId()],
  'object::borrow_uid': (_, object) => [
    new SlotReference(((object as Reference).get() as Struct).fields, 0),
  ],
  'object::delete_impl': ({ session }, deleted) => {
    session.deleteId(id(deleted))
    return []
  },
  'object::record_new_uid': ({ session }, made) => {
    session.recordNewId(id(made))
    return []
  },
  'transfer::transfer_impl': ({ session, typeArguments }, object, recipient) => {
    session.place(typeArguments[0]!, object!, { kind: 'address', address: id(recipient) })
    return []
  },
  'transfer::freeze_object_impl': ({ session, typeArguments }, object) => {
    session.place(typeArguments[0]!, object!, { kind: 'immutable' })
    return []
  },
  'transfer::share_object_impl': ({ session, typeArguments, abort }, object) => {
    if (!session.mayShare(id(objectIdOf(object!)))) abort(0n)
    session.place(typeArguments[0]!, object!, { kind: 'shared' })
    return []
  },
  'transfer::receive_impl': receive,
  'event::emit': emit,
  'types::is_one_time_witness': isOneTimeWitness,
  'dynamic_field::hash_type_and_key': hashTypeAndKey,
  'dynamic_field::add_child_object': ({ session, typeArguments, abort }, parent, child) => {
    if (!session.addChild(id(parent), typeArguments[0]!, child!)) abort(0n)
    return []
  },
  'dynamic_field::borrow_child_object': borrowChild,
  'dynamic_field::borrow_child_object_mut': borrowChild,
  'dynamic_field::remove_child_object': removeChild,
  'dynamic_field::has_child_object': ({ session }, parent, child) => [
    session.hasChild(id(parent), id(child)),
  ],
  'dynamic_field::has_child_object_with_ty': ({ session, typeArguments }, parent, child) => [
    session.hasChildOfType(id(parent), id(child), typeArguments[0]!),
  ],
  'hash::blake2b256': (_, data) => [byteVector(blake2b256(bytesAt(data!)))],
  'address::to_u256': (_, address) => [BigInt(id(address))],
  'address::from_u256': (_, number) => [parseObjectId((number as bigint).toString(16))],
  'address::from_bytes': ({ abort }, bytes) => {
    const raw = bytesOf(bytes!)
    if (raw.length !== 32) abort(0n)
    return [`0x${Buffer.from(raw).toString('hex')}`]
  },
}
