import fc from 'fast-check'
import { test } from 'tap'
import {
  AclTag,
  decodeAcl,
  encodeAcl,
  inherited,
  isMinimal,
  noId,
  permissionsOf,
  withPermissions,
} from '../../src/vfs/acl.ts'
import type { Acl, AclEntry } from '../../src/vfs/acl.ts'

const entry = (tag: number, permissions: number, id = noId): AclEntry => ({ tag, permissions, id })
const minimal: Acl = [entry(AclTag.owner, 7), entry(AclTag.group, 5), entry(AclTag.other, 4)]
const extended: Acl = [
  entry(AclTag.owner, 6),
  entry(AclTag.user, 7, 1000),
  entry(AclTag.user, 0, 1001),
  entry(AclTag.group, 4),
  entry(AclTag.namedGroup, 6, 50),
  entry(AclTag.mask, 5),
  entry(AclTag.other, 0),
]

const permissions = fc.integer({ min: 0, max: 7 })
const id = fc.integer({ min: 0, max: noId - 1 })
const acls = fc
  .record({
    owner: permissions,
    users: fc.array(fc.tuple(permissions, id), { maxLength: 4 }),
    group: permissions,
    groups: fc.array(fc.tuple(permissions, id), { maxLength: 4 }),
    mask: fc.option(permissions),
    other: permissions,
  })
  .map(({ owner, users, group, groups, mask, other }): Acl => {
    const needsMask = users.length + groups.length > 0
    const masks =
      mask === null ? (needsMask ? [entry(AclTag.mask, 7)] : []) : [entry(AclTag.mask, mask)]
    return [
      entry(AclTag.owner, owner),
      ...users.map(([bits, who]) => entry(AclTag.user, bits, who)),
      entry(AclTag.group, group),
      ...groups.map(([bits, who]) => entry(AclTag.namedGroup, bits, who)),
      ...masks,
      entry(AclTag.other, other),
    ]
  })

test('the bytes of a list are those that setfacl writes', async (t) => {
  // setfacl -m u:1000:rwx on a file of mode 0640, read back with getfattr -n system.posix_acl_access -e hex
  const hex =
    '02000000' +
    '01000600ffffffff' +
    '02000700e8030000' +
    '04000400ffffffff' +
    '10000700ffffffff' +
    '20000000ffffffff'
  const acl = decodeAcl(Buffer.from(hex, 'hex'))!
  t.same(acl, [
    entry(AclTag.owner, 6),
    entry(AclTag.user, 7, 1000),
    entry(AclTag.group, 4),
    entry(AclTag.mask, 7),
    entry(AclTag.other, 0),
  ])
  t.equal(Buffer.from(encodeAcl(acl)).toString('hex'), hex)
})

test('what is encoded is decoded again', async () => {
  fc.assert(
    fc.property(acls, (acl) => {
      const again = decodeAcl(encodeAcl(acl))
      return JSON.stringify(again) === JSON.stringify(acl)
    }),
  )
})

test('no bytes crash the decoder, and what it takes it gives back', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const value = Uint8Array.from([2, 0, 0, 0, ...bytes])
      try {
        const acl = decodeAcl(value)
        if (acl !== undefined) t.ok(permissionsOf(acl) <= 0o777)
      } catch (error) {
        t.equal((error as { code?: string }).code, 'EINVAL')
      }
    }),
  )
})

test('lists that acl(5) forbids are refused', async (t) => {
  const refused: Record<string, Acl> = {
    'no owner': minimal.slice(1),
    'no others': minimal.slice(0, 2),
    'two owners': [minimal[0]!, ...minimal],
    'out of order': [...minimal].reverse(),
    'a named user without a mask': extended.filter((one) => one.tag !== AclTag.mask),
    'two masks': extended.flatMap((one) => (one.tag === AclTag.mask ? [one, one] : [one])),
    'unknown permissions': [entry(AclTag.owner, 8), ...minimal.slice(1)],
    'an unknown tag': [...minimal, entry(0x40, 0)],
    'a user that is nobody': extended.map((one) =>
      one.tag === AclTag.user ? { ...one, id: noId } : one,
    ),
  }
  for (const [what, acl] of Object.entries(refused)) {
    t.throws(() => decodeAcl(encodeAcl(acl)), { code: 'EINVAL' }, what)
  }
  t.throws(() => decodeAcl(encodeAcl(minimal).subarray(0, 27)), { code: 'EINVAL' }, 'cut off')
  t.throws(() => decodeAcl(new Uint8Array()), { code: 'EINVAL' }, 'empty')
  t.throws(() => decodeAcl(Uint8Array.of(1, 0, 0, 0)), { code: 'EOPNOTSUPP' }, 'another version')
})

test('a list without entries takes the list away', async (t) => {
  t.equal(decodeAcl(Uint8Array.of(2, 0, 0, 0)), undefined)
})

test('a minimal list says what a mode says', async (t) => {
  t.ok(isMinimal(minimal))
  t.equal(permissionsOf(minimal), 0o754)
  t.notOk(isMinimal(extended))
  t.equal(permissionsOf(extended), 0o650, 'the mask stands for the group')
})

test('chmod changes owner, mask and others, and nobody named', async (t) => {
  const after = withPermissions(extended, 0o100_713)
  t.equal(permissionsOf(after), 0o713)
  t.equal(after.find((one) => one.tag === AclTag.group)!.permissions, 4)
  t.equal(after.find((one) => one.id === 1000)!.permissions, 7)
})

test('what is inherited allows what both the list and the mode allow', async () => {
  fc.assert(
    fc.property(acls, fc.integer({ min: 0, max: 0o777 }), (acl, mode) => {
      return permissionsOf(inherited(acl, mode)) === (permissionsOf(acl) & mode)
    }),
  )
})
