import fc from 'fast-check'
import { FileType } from '../../src/tree/inode.ts'
import type { Change } from '../../src/tree/change.ts'
import {
  anyBytes,
  anyInode,
  anyName,
  anySize,
  anySlice,
  anyTarget,
  anyTime,
  anyType,
  anyUint32,
} from './arbitraries.ts'

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
/** All ends are below 2^53. */
const anyOffset = anySize.map((size) => Math.floor(size / 2))
const range = { offset: anyOffset, length: anyOffset }

/** A change of any type, as a journal may hold it. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  changeOf('bind', { ino, ...entry }),
  changeOf('bind-linked', { ino }),
  fc
    .tuple(
      changeOf('make', { ...entry, ino, uid: anyUint32, gid: anyUint32, rdev: anyUint32, time }),
      anyType,
      fc.nat(0o7777),
      anyTarget,
    )
    .map(([made, type, permissions, target]) => {
      const isSymlink = type === FileType.symlink
      return { ...made, mode: type | permissions, ...(isSymlink ? { target } : {}) } as Change
    }),
  changeOf('link', { ino, ...entry, time }),
  changeOf('unlink', { ...entry, time }),
  changeOf('rename', { ...entry, newParent: ino, newName: anyName, exchange: fc.boolean(), time }),
  changeOf(
    'attributes',
    { ino, time },
    {
      mode: fc.nat(0o177777),
      uid: anyUint32,
      gid: anyUint32,
      size: anySize,
      atime: time,
      mtime: time,
    },
  ),
  changeOf('write', { ino, offset: anyOffset, slice: anySlice, time }),
  changeOf('punch', { ino, ...range, time }),
  changeOf('clone', { from: ino, fromOffset: anyOffset, ino, ...range, time }),
  changeOf('shift', { ino, offset: anyOffset.map((at) => at + 2 ** 31), by: fc.integer(), time }),
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
