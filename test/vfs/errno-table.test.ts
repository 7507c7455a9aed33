import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import type { ErrnoName } from '../../src/terms/errno.ts'
import { RenameFlag, XattrFlag } from '../../src/vfs/file-system.ts'
import { maxFileBytes, maxLinks } from '../../src/vfs/limits.ts'
import { statusDirectory } from '../../src/vfs/status-directory.ts'
import { alice, Drive, HandClock, O, root } from './drive.ts'

interface Scene {
  readonly drive: Drive
  readonly file: number
  /** Open for reading and writing. */
  readonly handle: number
  readonly reader: number
  readonly dir: number
  readonly full: number
  readonly link: number
  readonly fifo: number
  readonly gone: number
}

/** A drive with one of everything. */
async function scene(lazy: boolean): Promise<Scene> {
  const virtual = statusDirectory(new HandClock(), { uid: 0, gid: 0 }, () => '{}')
  const drive = new Drive({ lazy, virtual })
  const { id: file, handle } = await drive.create('file')
  await drive.write(file, handle, 0, 'bytes')
  const dir = await drive.mkdir('dir')
  const full = await drive.mkdir('full')
  await drive.file('inside', '', full)
  const link = await drive.symlink('link', 'file')
  const { id: fifo } = await drive.fs.mknod(1, nameFromText('fifo'), 0o010600, 0, root)
  const gone = await drive.mkdir('gone')
  await drive.rmdir('gone')
  const reader = await drive.open(file, O.RDONLY)
  return { drive, file, handle, reader, dir, full, link, fifo, gone }
}

type Call = (scene: Scene) => unknown
const long = 'x'.repeat(256)
const acl = Buffer.from('0200000001000700ffffffff04000500ffffffff20000500ffffffff', 'hex')
const { noReplace, exchange } = RenameFlag

const allocate = (
  mode: number,
  offset: number,
  length: number,
  of: 'handle' | 'reader' = 'handle',
) => ((s) => s.drive.fs.fallocate(s.file, s[of], mode, offset, length, root)) as Call
const seek = (offset: number, whence: number) =>
  ((s) => s.drive.fs.lseek(s.file, s.handle, offset, whence)) as Call
const copy = (from: number, to: number, length: number) =>
  ((s) =>
    s.drive.fs.copyFileRange(s.file, s.handle, from, s.file, s.handle, to, length, root)) as Call

/** The table of the README, as calls. */
const table: Partial<Record<ErrnoName, Record<string, Call>>> = {
  ENOENT: {
    'lookup of nothing': (s) => s.drive.lookup('nothing'),
    'unlink of nothing': (s) => s.drive.unlink('nothing'),
    'rename of nothing': (s) => s.drive.rename('nothing', 'x'),
    'an empty name': (s) => s.drive.mkdir(''),
    'an empty target': (s) => s.drive.symlink('x', ''),
    'making in a removed directory': (s) => s.drive.mkdir('x', s.gone),
    'exchange with nothing': (s) => s.drive.rename('file', 'nothing', exchange),
    'linking what lost its name': async (s) => {
      await s.drive.unlink('file')
      return s.drive.link(s.file, 'x')
    },
  },
  ENOTDIR: {
    'a name below a file': (s) => s.drive.lookup('x', s.file),
    'rmdir of a file': (s) => s.drive.rmdir('file'),
    'opendir of a file': (s) => s.drive.fs.opendir(s.file, 0, root),
    'a directory over a file': (s) => s.drive.rename('dir', 'file'),
  },
  EISDIR: {
    'unlink of a directory': (s) => s.drive.unlink('dir'),
    'open of a directory': (s) => s.drive.open(s.dir),
    'truncate of a directory': (s) => s.drive.set(s.dir, { size: 0 }),
    'a file over a directory': (s) => s.drive.rename('file', 'dir'),
  },
  EEXIST: {
    'mkdir of what is there': (s) => s.drive.mkdir('file'),
    'link onto what is there': (s) => s.drive.link(s.file, 'dir'),
    'rename with NOREPLACE': (s) => s.drive.rename('file', 'fifo', noReplace),
    O_EXCL: (s) => s.drive.create('file', { flags: O.RDWR | O.EXCL }),
    XATTR_CREATE: async (s) => {
      await s.drive.setxattr(s.file, 'user.x', 'y')
      return s.drive.setxattr(s.file, 'user.x', 'z', XattrFlag.create)
    },
  },
  ENOTEMPTY: {
    'rmdir of a full directory': (s) => s.drive.rmdir('full'),
    'rename over a full directory': (s) => s.drive.rename('dir', 'full'),
    'rename over what it lies in': (s) => s.drive.rename('inside', 'full', 0, s.full, 1),
  },
  ENAMETOOLONG: {
    'a name of 256 bytes': (s) => s.drive.mkdir(long),
    'lookup of 256 bytes': (s) => s.drive.lookup(long),
    'a target of 4096 bytes': (s) => s.drive.symlink('x', 'x'.repeat(4096)),
  },
  EINVAL: {
    'a name with a slash': (s) => s.drive.mkdir('a/b'),
    'a name with NUL': (s) => s.drive.mkdir('a\0b'),
    'a directory into itself': (s) => s.drive.rename('dir', 'x', 0, 1, s.dir),
    'unknown rename flags': (s) => s.drive.rename('file', 'x', 64),
    'contradicting rename flags': (s) => s.drive.rename('file', 'dir', noReplace | exchange),
    'a negative size': (s) => s.drive.set(s.file, { size: -1 }),
    'an empty range': allocate(0, 0, 0),
    'a range that overlaps': copy(0, 1, 3),
    'a range not in whole blocks': allocate(8, 1, 1),
    'a strange whence': seek(0, 9),
    'readlink of a file': (s) => s.drive.fs.readlink(s.file),
    'a malformed ACL': (s) => s.drive.setxattr(s.file, 'system.posix_acl_access', 'x'),
    'mknod of a symlink': (s) => s.drive.fs.mknod(1, nameFromText('x'), 0o120777, 0, root),
    'truncate of a fifo': (s) => s.drive.set(s.fifo, { size: 0 }),
  },
  EPERM: {
    'a link to a directory': (s) => s.drive.link(s.dir, 'x'),
    'mknod of a directory': (s) => s.drive.fs.mknod(1, nameFromText('x'), 0o040700, 0, root),
    'user attributes of a symlink': (s) => s.drive.setxattr(s.link, 'user.x', 'y'),
    'user attributes of a fifo': (s) => s.drive.setxattr(s.fifo, 'user.x', 'y'),
    'trusted attributes by a user': (s) => s.drive.setxattr(s.file, 'trusted.x', '', 0, alice),
  },
  EACCES: {
    'a default ACL of a file': (s) => s.drive.setxattr(s.file, 'system.posix_acl_default', acl),
  },
  EMLINK: {
    'one name too many': async (s) => {
      for (let count = 1; count < maxLinks; count++) await s.drive.link(s.file, `${count}`)
      return s.drive.link(s.file, 'x')
    },
  },
  EFBIG: {
    'truncate beyond': (s) => s.drive.set(s.file, { size: maxFileBytes + 1 }),
    'write beyond': (s) => s.drive.write(s.file, s.handle, maxFileBytes, 'x'),
    'fallocate beyond': allocate(0, maxFileBytes, 4096),
  },
  ENXIO: {
    'SEEK_DATA at the end': seek(5, 3),
    'SEEK_HOLE at the end': seek(5, 4),
    'SEEK_DATA in the last hole': async (s) => {
      await s.drive.set(s.file, { size: 100 })
      return seek(50, 3)(s)
    },
    'open of a fifo': (s) => s.drive.open(s.fifo),
  },
  ELOOP: { 'open of a symlink': (s) => s.drive.open(s.link) },
  EBADF: {
    'a handle that is not open': (s) => s.drive.read(s.file, 12_345),
    'writing with a reader': (s) => s.drive.write(s.file, s.reader, 0, 'x'),
    'fallocate with a reader': allocate(0, 0, 10, 'reader'),
  },
  EBUSY: {
    'rmdir of .walrusfs': (s) => s.drive.rmdir('.walrusfs'),
    'rename of .walrusfs': (s) => s.drive.rename('.walrusfs', 'x'),
    'rename onto .walrusfs': (s) => s.drive.rename('dir', '.walrusfs'),
  },
  EROFS: {
    'mkdir in .walrusfs': async (s) => s.drive.mkdir('x', (await s.drive.lookup('.walrusfs')).id),
  },
  ENODATA: {
    'no such attribute': (s) => s.drive.getxattr(s.file, 'user.x'),
    'removing none': (s) => s.drive.removexattr(s.file, 'user.x'),
    XATTR_REPLACE: (s) => s.drive.setxattr(s.file, 'user.x', '', XattrFlag.replace),
    'trusted attributes by a user': async (s) => {
      await s.drive.setxattr(s.file, 'trusted.x', 'y')
      return s.drive.getxattr(s.file, 'trusted.x', alice)
    },
  },
  ERANGE: { 'a long attribute name': (s) => s.drive.setxattr(s.file, `user.${long}`, '') },
  E2BIG: { 'a large value': (s) => s.drive.setxattr(s.file, 'user.x', 'x'.repeat(65_537)) },
  EOPNOTSUPP: {
    'no label of SELinux': (s) => s.drive.getxattr(s.file, 'security.selinux'),
    'an unknown namespace': (s) => s.drive.setxattr(s.file, 'other.x', ''),
    'an ACL of a symlink': (s) => s.drive.setxattr(s.link, 'system.posix_acl_access', acl),
    'the mode of a symlink': (s) => s.drive.set(s.link, { mode: 0o600 }),
    'an unknown fallocate mode': allocate(0x40, 0, 10),
  },
  ESTALE: {
    'an unknown node': (s) => s.drive.stat(12_345),
    'create where a directory is': (s) => s.drive.create('dir'),
  },
}

for (const [errno, calls] of Object.entries(table)) {
  test(errno, async (t) => {
    for (const [what, call] of Object.entries(calls)) {
      // Where nothing is in memory, 65,000 links take their time.
      for (const lazy of errno === 'EMLINK' ? [false] : [false, true]) {
        const set = await scene(lazy)
        await t.rejects(async () => call(set), { name: 'FsError', code: errno }, what)
      }
    }
  })
}
