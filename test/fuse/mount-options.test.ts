import { test } from 'tap'
import { mountFlagsOf } from '../../src/fuse/mount/mount-flags.ts'
import { parseMountTable } from '../../src/fuse/mount/mount-table.ts'
import { silentLog } from '../../src/runtime/log.ts'

test('the mount table is read with odd characters in it', async (t) => {
  const line = (point: string) =>
    `36 35 0:42 / ${point} rw,noatime shared:1 master:2 - fuse.walrusfs my\\040drive rw\n`
  t.same(parseMountTable(line('/a\\040b\\134c') + line('/\u00c3\u00bc')), [
    { mountPoint: '/a b\\c', device: '0:42', type: 'fuse.walrusfs', source: 'my drive' },
    { mountPoint: '/ü', device: '0:42', type: 'fuse.walrusfs', source: 'my drive' },
  ])
  t.same(parseMountTable('nonsense\n\n'), [])
})

test('options are sorted by who understands them', async (t) => {
  const options = {
    mountPoint: '/m',
    source: 'drive',
    log: silentLog,
    readOnly: false,
    allowOther: false,
  }
  const plain = mountFlagsOf({ ...options, extra: [] })
  t.same(plain, {
    flags: 6,
    data: ['default_permissions'],
    words: ['default_permissions'],
    source: 'drive',
    subtype: 'walrusfs',
    nonEmpty: false,
  })
  const all = mountFlagsOf({
    ...options,
    readOnly: true,
    allowOther: true,
    extra: [
      'dev,suid,noexec',
      'x-systemd.automount,_netdev,nofail,user',
      'max_read=65536,nonempty',
      'fsname=a\\,b,subtype=x',
    ],
  })
  t.same(all, {
    flags: 1 | 8,
    data: ['default_permissions', 'allow_other', 'max_read=65536'],
    words: ['dev', 'suid', 'noexec', 'ro', 'default_permissions', 'allow_other', 'max_read=65536'],
    source: 'a,b',
    subtype: 'x',
    nonEmpty: true,
  })
})
