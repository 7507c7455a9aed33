import fc from 'fast-check'
import { test } from 'tap'
import type { Change } from '../../src/tree/change.ts'
import { decodeChange, encodeChange } from '../../src/tree/format/change-format.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import {
  anyBytes,
  anyInode,
  anyName,
  anySize,
  anySlice,
  anyTime,
  storedFields,
} from './arbitraries.ts'
import { propertyRuns } from './property-runs.ts'

type Fields<T extends Change['type']> = {
  [K in keyof Extract<Change, { type: T }>]: fc.Arbitrary<unknown>
}

function changeOf<T extends Change['type']>(
  type: T,
  fields: Partial<Omit<Fields<T>, 'type'>>,
  optional: Partial<Omit<Fields<T>, 'type'>> = {},
): fc.Arbitrary<Change> {
  const model = { type: fc.constant(type), ...fields, ...optional } as Record<
    string,
    fc.Arbitrary<unknown>
  >
  const requiredKeys = Object.keys(model).filter((key) => !(key in optional))
  return fc.record(model, { requiredKeys }) as fc.Arbitrary<Change>
}

const ino = anySize
const time = anyTime
const entry = { parent: ino, name: anyName }
const range = { offset: anySize, length: anySize }

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  changeOf('bind', { ino, ...entry }),
  changeOf('bind-linked', { ino }),
  changeOf(
    'make',
    { ...entry, ino, mode: anySize, uid: anySize, gid: anySize, rdev: anySize, time },
    { target: anyBytes(50) },
  ),
  changeOf('link', { ino, ...entry, time }),
  changeOf('unlink', { ...entry, time }),
  changeOf('rename', { ...entry, newParent: ino, newName: anyName, exchange: fc.boolean(), time }),
  changeOf(
    'attributes',
    { ino, time },
    { mode: anySize, uid: anySize, gid: anySize, size: anySize, atime: time, mtime: time },
  ),
  changeOf('write', { ino, offset: anySize, slice: anySlice, time }),
  changeOf('punch', { ino, ...range, time }),
  changeOf('clone', { from: ino, fromOffset: anySize, ino, ...range, time }),
  changeOf('shift', { ino, offset: anySize, by: fc.integer(), time }),
  changeOf('xattr', { ino, name: anyName, time }, { value: anyBytes(50) }),
  changeOf('name', {
    ...entry,
    ino: fc.option(
      anySize.map((n) => n || 1),
      { nil: undefined },
    ),
  }),
  changeOf('totals', { usedBytes: anySize, usedInodes: anySize, nextIno: anySize }),
  anyInode(true).map((inode): Change => ({ type: 'inode', inode })),
)

function comparable(change: Change): unknown {
  return change.type === 'inode' ? storedFields(change.inode) : change
}

test('a change decodes to what was encoded', async (t) => {
  fc.assert(
    fc.property(anyChange, (change) => {
      t.same(comparable(decodeChange(encodeChange(change))), comparable(change))
    }),
    propertyRuns(600),
  )
})

test('damaged bytes are refused as such or are a change that encodes to just them', async (t) => {
  fc.assert(
    fc.property(
      anyChange,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(4),
      (change, at, flip, cut) => {
        const bytes = Buffer.from(encodeChange(change))
        bytes[at % bytes.length]! ^= flip
        const given = cut === 0 ? bytes.subarray(0, at % bytes.length) : bytes
        try {
          const again = encodeChange(decodeChange(given))
          if (!Buffer.from(again).equals(given)) throw new Error(`${given.toString('hex')}`)
        } catch (error) {
          if (!(error instanceof FormatError)) throw error
        }
      },
    ),
    propertyRuns(3000),
  )
  t.pass('for all damages tried')
})

test('changes of another version or of an unknown type are refused as such', async (t) => {
  const fault = (bytes: number[]) => {
    try {
      decodeChange(Buffer.from(bytes))
    } catch (error) {
      return (error as FormatError).fault
    }
    return undefined
  }
  t.equal(fault([0x41, 1]), 'version')
  t.equal(fault([0x3f, 1]), 'feature')
  t.equal(fault([0x21, 1]), 'damaged')
  t.equal(fault([]), 'damaged')
})

test('the bytes of each type of change stay what they are', async (t) => {
  const at = { sec: -2, nsec: 5 }
  const hex = (change: Change) => Buffer.from(encodeChange(change)).toString('hex')
  const name = 'n' as never
  t.equal(hex({ type: 'bind', ino: 300, parent: 1, name }), '21ac0201016e')
  t.equal(hex({ type: 'unlink', parent: 1, name, time: at }), '2501016e0305')
  const slice = { id: 1, segment: 2, position: 3, length: 4 }
  t.equal(hex({ type: 'write', ino: 9, offset: 128, slice, time: at }), '28098001010203040305')
})
