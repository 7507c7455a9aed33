import { bcs } from '@mysten/sui/bcs'
import { fromBase64 } from '@mysten/sui/utils'
import fc from 'fast-check'
import { test } from 'tap'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { modules as frameworkModules } from '../../src/devnet/chain/framework/bytecode.ts'
import {
  moduleAddress,
  moduleName,
  readModule,
} from '../../src/devnet/chain/move/compiled-module.ts'
import type { ExecutionFailure } from '../../src/devnet/chain/move/failure.ts'
import { GasMeter } from '../../src/devnet/chain/move/gas-meter.ts'
import { Linker } from '../../src/devnet/chain/move/linker.ts'
import { Machine } from '../../src/devnet/chain/move/machine.ts'
import type { MovePackage } from '../../src/devnet/chain/move/package.ts'
import { decodeValue, encodeValue } from '../../src/devnet/chain/move/value-codec.ts'
import type { Session } from '../../src/devnet/chain/move/session.ts'
import type { Value } from '../../src/devnet/chain/move/values.ts'
import { devnetNatives } from '../../src/devnet/contracts/walrus-natives.ts'
import { playgroundPackage } from './chain-playground.ts'

function packageOf(id: string, modules: readonly string[], links: readonly string[]): MovePackage {
  const address = parseObjectId(id)
  const own = modules
    .map((text) => fromBase64(text))
    .filter((bytes) => moduleAddress(readModule(bytes)) === address)
  return {
    id: address,
    originalId: address,
    version: 1n,
    modules: new Map(own.map((bytes) => [moduleName(readModule(bytes)), bytes])),
    typeOrigins: [],
    linkage: new Map(
      links.map((link) => [parseObjectId(link), { id: parseObjectId(link), version: 1n }]),
    ),
  }
}

/** Calls functions of the playground without a chain. */
async function machine() {
  const { modules } = playgroundPackage()
  const packages = [
    packageOf('0x1', frameworkModules, []),
    packageOf('0x2', frameworkModules, ['0x1']),
    packageOf('0x0', modules, ['0x1', '0x2']),
  ]
  const linker = new Linker((id) => packages.find((stored) => stored.id === id))
  return (name: string, ...values: Value[]): Value => {
    const called = linker.link(parseObjectId('0x0'))!.module('arithmetic')!.function(name)!
    const runner = new Machine(devnetNatives, {} as Session, new GasMeter(1_000_000))
    return runner.call(called, [], values)[0]!
  }
}

const shared = machine()

const operations: readonly ((a: bigint, b: bigint, bits: bigint) => bigint | undefined)[] = [
  (a, b, bits) => fit(a + b, bits),
  (a, b) => (a >= b ? a - b : undefined),
  (a, b, bits) => fit(a * b, bits),
  (a, b) => (b === 0n ? undefined : a / b),
  (a, b) => (b === 0n ? undefined : a % b),
  (a, b) => a & b,
  (a, b) => a | b,
  (a, b) => a ^ b,
  (a, b, bits) => shifted(b, bits, () => BigInt.asUintN(Number(bits), a << b)),
  (a, b, bits) => shifted(b, bits, () => a >> b),
]

function fit(value: bigint, bits: bigint): bigint | undefined {
  return value < 1n << bits ? value : undefined
}

/** The shift is by a u8: more does not fit it. */
function shifted(by: bigint, bits: bigint, shift: () => bigint): bigint | undefined {
  return by < 256n && by < bits ? shift() : undefined
}

test('integers of every size calculate and overflow as Move says', async (t) => {
  const call = await shared
  for (const bits of [8n, 16n, 32n, 64n, 128n, 256n]) {
    const max = (1n << bits) - 1n
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max }),
      fc.bigInt({ min: 0n, max: max < 300n ? max : 300n }),
      fc.constantFrom(0n, 1n, max, max - 1n, 1n << (bits - 1n)),
    )
    fc.assert(
      fc.property(fc.nat(operations.length - 1), number, number, (operation, a, b) => {
        const expected = operations[operation]!(a, b, bits)
        try {
          return call(`u${bits}s`, BigInt(operation), a, b) === expected
        } catch (error) {
          const { status } = error as ExecutionFailure
          return expected === undefined && status.kind === 'MovePrimitiveRuntimeError'
        }
      }),
      { numRuns: 150 },
    )
    t.pass(`u${bits}`)
  }
})

test('numbers compare', async (t) => {
  const call = await shared
  const type = { kind: 'vector', element: { kind: 'bool' } } as const
  fc.assert(
    fc.property(fc.nat(3), fc.nat(3), (a, b) => {
      const answer = encodeValue(type, call('order', BigInt(a), BigInt(b)))
      const expected = [a < b, a > b, a <= b, a >= b, a === b, a !== b, a < b, a !== b, a >= b]
      return bcs.vector(bcs.bool()).parse(answer).join() === expected.join()
    }),
  )
  t.pass('order')
})

test('vectors are sorted, reversed and changed in place', async (t) => {
  const call = await shared
  const numbers = { kind: 'vector', element: { kind: 'u64' } } as const
  const bytes = { kind: 'vector', element: { kind: 'u8' } } as const
  const codec = bcs.vector(bcs.u64())
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (list) => {
      const given = decodeValue(numbers, codec.serialize(list).toBytes())
      const answer = codec.parse(encodeValue(numbers, call('sorted', given)))
      return answer.map(Number).join() === [...list].sort((a, b) => a - b).join()
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (list) => {
      const given = decodeValue(bytes, bcs.byteVector().serialize(list).toBytes())
      const answer = bcs.byteVector().parse(encodeValue(bytes, call('reversed', given)))
      const expected = [...list].reverse()
      if (expected.length > 0) expected[0] = expected[0]! ^ 255
      return [...answer].join() === expected.join()
    }),
  )
  const lists = { kind: 'vector', element: bytes } as const
  const read = (list: number[][]) =>
    decodeValue(lists, bcs.vector(bcs.vector(bcs.u8())).serialize(list).toBytes())
  t.equal(call('same', read([[1], [2, 3]]), read([[1], [2, 3]])), true)
  t.equal(call('same', read([[1], [2, 3]]), read([[1], [2, 4]])), false)
  t.equal(call('same', read([[1]]), read([[1], []])), false)
})
