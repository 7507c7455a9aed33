import fc from 'fast-check'
import { test } from 'tap'
import type { Name } from '../../src/terms/name.ts'
import type { Change } from '../../src/tree/change.ts'
import { decodeChange, encodeChange } from '../../src/tree/format/change-format.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import { FileType } from '../../src/tree/inode.ts'
import { anyChange } from './any-change.ts'
import { storedFields } from './arbitraries.ts'
import { faultOf } from './fault-of.ts'
import { propertyRuns } from './property-runs.ts'

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

test('a change that nothing could make is refused', async (t) => {
  const time = { sec: 0, nsec: 0 }
  const made = { ino: 9, parent: 1, name: 'n' as Name, uid: 0, gid: 0, rdev: 0, time }
  const link = FileType.symlink | 0o777
  const refused = (change: Change) =>
    t.equal(
      faultOf(() => decodeChange(encodeChange(change))),
      'damaged',
      change.type,
    )
  refused({ type: 'make', ...made, mode: 0o644 })
  refused({ type: 'make', ...made, mode: link })
  refused({ type: 'make', ...made, mode: link, target: Buffer.alloc(0) })
  refused({ type: 'make', ...made, mode: link, target: Buffer.from('a\0') })
  refused({ type: 'make', ...made, mode: FileType.regular, target: Buffer.from('a') })
  refused({ type: 'make', ...made, mode: FileType.regular, uid: 2 ** 32 })
  refused({ type: 'attributes', ino: 9, mode: 0o200000, time })
  refused({ type: 'punch', ino: 9, offset: 2 ** 52, length: 2 ** 52, time })
  refused({ type: 'shift', ino: 9, offset: 4, by: -5, time })
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
