import { bcs } from '@mysten/sui/bcs'
import { deriveDynamicFieldID, toBase58 } from '@mysten/sui/utils'
import fc from 'fast-check'
import { test } from 'tap'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { nativeSet } from '../../src/devnet/chain/natives/native-set.ts'
import { ChainState } from '../../src/devnet/chain/chain-state.ts'
import { ChainTime } from '../../src/devnet/chain/chain-time.ts'
import { makeGenesis } from '../../src/devnet/chain/genesis.ts'
import { loadIdentity } from '../../src/devnet/chain/identity.ts'
import { Ledger } from '../../src/devnet/chain/ledger/ledger.ts'
import { ByteReader, ByteWriter } from '../../src/devnet/chain/move/byte-writer.ts'
import { decodeValue, encodeValue } from '../../src/devnet/chain/move/value-codec.ts'
import { typeTagBytes } from '../../src/devnet/chain/move/type-tag.ts'
import { typeName } from '../../src/devnet/chain/move/types.ts'
import type { MoveType } from '../../src/devnet/chain/move/types.ts'
import { copyValue, equalValues } from '../../src/devnet/chain/move/values.ts'
import { dynamicFieldId } from '../../src/devnet/chain/object-id.ts'
import { objectBytes } from '../../src/devnet/chain/objects/object-bcs.ts'
import { devnetNatives } from '../../src/devnet/contracts/walrus-natives.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { temporaryDirectory } from './chain-start.ts'
import type { Test } from 'tap'

async function bareChain(t: Test): Promise<ChainState> {
  const directory = temporaryDirectory(t)
  const identity = loadIdentity(directory, 0)
  const ledger = await Ledger.open({ directory: `${directory}/ledger`, log: silentLog })
  t.teardown(() => ledger.close())
  const time = new ChainTime(systemClock, 0)
  const chain = new ChainState({ identity, time, ledger, natives: devnetNatives, log: silentLog })
  makeGenesis(chain, [])
  return chain
}

const address = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)

/** Types with a generator of their values in the SDK's form, and the SDK's codec for them. */
const samples = [
  { name: 'bool', codec: bcs.bool(), value: fc.boolean() },
  { name: 'u8', codec: bcs.u8(), value: fc.nat(255) },
  { name: 'u16', codec: bcs.u16(), value: fc.nat(65535) },
  { name: 'u32', codec: bcs.u32(), value: fc.integer({ min: 0, max: 0xffff_ffff }) },
  { name: 'u64', codec: bcs.u64(), value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
  { name: 'u128', codec: bcs.u128(), value: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }) },
  { name: 'u256', codec: bcs.u256(), value: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }) },
  { name: 'address', codec: bcs.Address, value: address },
  { name: 'vector<u8>', codec: bcs.byteVector(), value: fc.uint8Array({ maxLength: 300 }) },
  {
    name: 'vector<u64>',
    codec: bcs.vector(bcs.u64()),
    value: fc.array(fc.bigInt({ min: 0n, max: 9n ** 19n })),
  },
  {
    name: 'vector<vector<u8>>',
    codec: bcs.vector(bcs.byteVector()),
    value: fc.array(fc.uint8Array()),
  },
  { name: '0x1::string::String', codec: bcs.string(), value: fc.string() },
  {
    name: '0x1::option::Option<u16>',
    codec: bcs.option(bcs.u16()),
    value: fc.option(fc.nat(65535)),
  },
  {
    name: '0x2::vec_map::VecMap<u8,vector<bool>>',
    codec: bcs.vector(bcs.tuple([bcs.u8(), bcs.vector(bcs.bool())])),
    value: fc.array(fc.tuple(fc.nat(255), fc.array(fc.boolean()))),
  },
] as const

test('values have the bytes that the SDK gives them, and come back', async (t) => {
  const chain = await bareChain(t)
  for (const { name, codec, value } of samples) {
    const type = chain.types.resolve(name)
    fc.assert(
      fc.property(value as fc.Arbitrary<never>, (sample) => {
        const bytes = codec.serialize(sample).toBytes()
        const decoded = decodeValue(type, bytes)
        const copied = copyValue(decoded)
        return (
          Buffer.compare(encodeValue(type, decoded), bytes) === 0 && equalValues(decoded, copied)
        )
      }),
      { numRuns: 60 },
    )
    t.pass(name)
  }
})

test('bytes that are no value of a type are refused, and none does harm', async (t) => {
  const chain = await bareChain(t)
  const types = samples.map(({ name }) => chain.types.resolve(name))
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
      try {
        return Buffer.compare(encodeValue(type, decodeValue(type, bytes)), bytes) === 0
      } catch (error) {
        return error instanceof RangeError
      }
    }),
    { numRuns: 2000 },
  )
  t.throws(() => decodeValue({ kind: 'vector', element: { kind: 'u8' } }, Buffer.of(0x80, 0)), {
    message: /shortest form/,
  })
})

const typeNames = [
  'u8',
  'vector<vector<address>>',
  '0x2::coin::Coin<0x2::sui::SUI>',
  '0x2::vec_map::VecMap<0x1::string::String,vector<u16>>',
  '0x2::dynamic_field::Field<0x2::dynamic_object_field::Wrapper<u128>,0x2::object::ID>',
]

test('types have the tags that the SDK gives them', async (t) => {
  const chain = await bareChain(t)
  for (const name of typeNames) {
    const type = chain.types.resolve(name)
    t.same(
      Buffer.from(typeTagBytes(type)),
      Buffer.from(bcs.TypeTag.serialize(name).toBytes()),
      name,
    )
    t.equal(chain.types.resolve(typeName(type)), chain.types.resolve(typeName(type)))
  }
  t.throws(() => chain.types.resolve('0x2::coin::Nothing'), { name: 'LinkError' })
  t.throws(() => chain.types.resolve('0x2::coin::Coin'), { name: 'LinkError' })
  t.throws(() => chain.types.resolve('0x77::coin::Coin<u8>'), { name: 'LinkError' })
  t.throws(() => chain.types.resolve('nonsense<'), { name: 'LinkError' })
  t.throws(() => chain.types.resolve('0x2::dynamic_field::Field<0x2::object::UID,u8>'), {
    name: 'LinkError',
  })
})

test('fields hang where the SDK looks for them', async (t) => {
  const chain = await bareChain(t)
  fc.assert(
    fc.property(address, fc.constantFrom(...typeNames), fc.uint8Array(), (parent, name, key) => {
      const type: MoveType = chain.types.resolve(name)
      return (
        dynamicFieldId(parseObjectId(parent), type, key) === deriveDynamicFieldID(parent, name, key)
      )
    }),
    { numRuns: 100 },
  )
})

test('objects have the bytes that the SDK gives them', async (t) => {
  const chain = await bareChain(t)
  const digest = toBase58(new Uint8Array(32).fill(9))
  const owners = [
    [{ kind: 'address', address: parseObjectId('0x7') }, { AddressOwner: '0x7' }],
    [{ kind: 'object', parent: parseObjectId('0x8') }, { ObjectOwner: '0x8' }],
    [{ kind: 'shared', initialVersion: 5n }, { Shared: { initialSharedVersion: 5n } }],
    [{ kind: 'immutable' }, { Immutable: true }],
  ] as const
  const types = [
    ['0x2::coin::Coin<0x2::sui::SUI>', { GasCoin: true }, true],
    ['0x2::coin::Coin<0x2::clock::Clock>', { Coin: '0x2::clock::Clock' }, true],
    [
      '0x2::clock::Clock',
      { Other: { address: '0x2', module: 'clock', name: 'Clock', typeParams: [] } },
      false,
    ],
  ] as const
  for (const [owner, sdkOwner] of owners)
    for (const [name, sdkType, hasPublicTransfer] of types) {
      const contents = Buffer.from('0123456789')
      const bytes = objectBytes({
        version: 12n,
        owner,
        previousTransaction: digest,
        storageRebate: 77n,
        data: { type: chain.types.resolveDatatype(name), contents },
      })
      const expected = bcs.Object.serialize({
        data: { Move: { type: sdkType as never, hasPublicTransfer, version: 12n, contents } },
        owner: sdkOwner as never,
        previousTransaction: digest,
        storageRebate: 77n,
      }).toBytes()
      t.same(Buffer.from(bytes), Buffer.from(expected), `${owner.kind} ${name}`)
    }
  const framework = chain.ledger.objects.get(parseObjectId('0x2'))!
  if (framework.kind !== 'package') throw new Error('0x2 is no package')
  const bytes = objectBytes({ ...framework, data: { package: framework.package } })
  const parsed = bcs.Object.parse(bytes)
  t.equal(
    [...parsed.data.Package!.moduleMap.keys()].join(),
    [...framework.package.modules.keys()].join(),
  )
  t.equal(parsed.data.Package!.linkageTable.size, 1)
})

test('what a writer writes a reader reads', async (t) => {
  fc.assert(
    fc.property(
      fc.nat(0xffff_ffff),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.string(),
      address,
      (count, integer, text, id) => {
        const writer = new ByteWriter(1)
        writer.count(count)
        writer.integer(integer, 8)
        writer.text(text)
        writer.address(id)
        const reader = new ByteReader(writer.finish())
        return (
          reader.count() === count &&
          reader.integer(8) === integer &&
          reader.text() === Buffer.from(text, 'utf8').toString('utf8') &&
          reader.address() === id &&
          reader.rest === 0
        )
      },
    ),
  )
  t.pass('round trips')
})

test('natives are found under the ids of their packages', async (t) => {
  const natives = nativeSet({ '0x1': [{ 'a::b': () => [] }], '0x2': [{ 'a::b': () => [true] }] })
  t.same([...natives.keys()], ['0x1::a::b', '0x2::a::b'])
})
