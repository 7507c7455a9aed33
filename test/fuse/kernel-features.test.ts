import { execFileSync, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { test } from 'tap'
import { nameBytes } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import { eventually, MemoryMount, whyNoMount } from './mounted.ts'
import * as posix from './posix.ts'

const skip = whyNoMount() ?? false
const O_TMPFILE = 0o20200000

test('the kernel driver', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { mount: { extra: ['dev', 'suid'] } })
  const path = (name: string) => mounted.path(name)

  await t.test('says what was negotiated', async (t) => {
    t.match(await mounted.ask('description'), /kernel 7\.\d+, 1 MiB requests, writeback cache/)
    t.same(await mounted.ask('limitations'), [])
  })

  await t.test('rename with flags', async (t) => {
    fs.writeFileSync(path('a'), 'a')
    fs.writeFileSync(path('b'), 'b')
    t.equal(posix.renameFlags(path('a'), path('b'), 1), 'EEXIST', 'RENAME_NOREPLACE')
    t.equal(posix.renameFlags(path('a'), path('b'), 2), 0, 'RENAME_EXCHANGE')
    t.same([fs.readFileSync(path('a'), 'utf8'), fs.readFileSync(path('b'), 'utf8')], ['b', 'a'])
    t.equal(posix.renameFlags(path('a'), path('c'), 1), 0)
    t.equal(posix.renameFlags(path('b'), path('d'), 4), 0, 'RENAME_WHITEOUT')
    t.ok(fs.statSync(path('b')).isCharacterDevice())
  })

  await t.test('an unnamed file gets a name', async (t) => {
    const fd = fs.openSync(mounted.dir, O_TMPFILE | fs.constants.O_RDWR, 0o600)
    fs.writeSync(fd, 'unnamed')
    t.equal(fs.fstatSync(fd).nlink, 0)
    t.equal(posix.linkDescriptor(fd, path('named')), 0)
    fs.closeSync(fd)
    t.equal(fs.readFileSync(path('named'), 'utf8'), 'unnamed')
    t.equal(fs.statSync(path('named')).nlink, 1)
  })

  await t.test('extended attributes', async (t) => {
    fs.writeFileSync(path('x'), '')
    const big = Buffer.alloc(60_000, 'v')
    t.equal(posix.setxattr(path('x'), 'user.big', big), 0)
    t.equal(posix.setxattr(path('x'), 'user.empty', Buffer.alloc(0)), 0)
    t.equal(posix.setxattr(path('x'), 'user.big', big, 1), 'EEXIST', 'XATTR_CREATE')
    t.equal(posix.setxattr(path('x'), 'user.none', big, 2), 'ENODATA', 'XATTR_REPLACE')
    t.equal(posix.getxattr(path('x'), 'user.big', 0), 60_000)
    t.equal(posix.getxattr(path('x'), 'user.big', 59_999), 'ERANGE')
    t.same(posix.getxattr(path('x'), 'user.big', 65_536), big)
    t.equal(posix.getxattr(path('x'), 'user.none', 10), 'ENODATA')
    t.same(posix.listxattr(path('x'), 100), ['user.big', 'user.empty'])
    t.equal(posix.listxattr(path('x'), 0), 20)
    t.equal(posix.listxattr(path('x'), 19), 'ERANGE')
    t.equal(posix.removexattr(path('x'), 'user.big'), 0)
    t.same(posix.listxattr(path('x'), 100), ['user.empty'])
  })

  await t.test('times before 1970, after 2106, to the nanosecond', async (t) => {
    fs.writeFileSync(path('times'), '')
    const cases: [number, number, number, number][] = [
      [-1, 999_999_999, -5_000_000_000, 1],
      [5_000_000_000, 123_456_789, 0, 0],
    ]
    for (const [aSec, aNsec, mSec, mNsec] of cases) {
      t.equal(posix.setTimes(path('times'), [aSec, aNsec, mSec, mNsec]), 0)
      const { atimeNs, mtimeNs } = fs.statSync(path('times'), { bigint: true })
      t.equal(atimeNs, BigInt(aSec) * 1_000_000_000n + BigInt(aNsec))
      t.equal(mtimeNs, BigInt(mSec) * 1_000_000_000n + BigInt(mNsec))
    }
  })

  await t.test('names of any bytes', async (t) => {
    const names = [
      Buffer.from([0xff, 0xfe, 1]),
      Buffer.from('ü'),
      Buffer.from('u\u0308'),
      Buffer.alloc(255, 'n'),
    ]
    const dir = Buffer.from(`${path('names')}/`)
    fs.mkdirSync(path('names'))
    for (const name of names) fs.writeFileSync(Buffer.concat([dir, name]), name)
    const listed = fs.readdirSync(dir, { encoding: 'buffer' })
    t.same(
      listed.map((name) => name.toString('hex')).sort(),
      names.map((name) => name.toString('hex')).sort(),
    )
    for (const name of names) t.same(fs.readFileSync(Buffer.concat([dir, name])), name)
    const long = Buffer.concat([dir, Buffer.alloc(256, 'n')])
    t.throws(() => fs.writeFileSync(long, ''), { code: 'ENAMETOOLONG' })
    t.same(nameBytes('\xff' as Name), Buffer.from([0xff]))
  })

  await t.test('device nodes, fifos and sockets', async (t) => {
    if (process.getuid?.() === 0) {
      t.equal(posix.mknod(path('null'), 0o020666, 0x103), 0)
      t.equal(fs.statSync(path('null')).rdev, 0x103)
      fs.writeFileSync(path('null'), 'swallowed')
    }
    t.equal(posix.mknod(path('fifo'), 0o010600), 0)
    const reader = spawn('cat', [path('fifo')])
    let read = ''
    reader.stdout.on('data', (bytes: Buffer) => (read += bytes.toString()))
    fs.writeFileSync(path('fifo'), 'through the pipe')
    await new Promise((resolve) => reader.on('close', resolve))
    t.equal(read, 'through the pipe')
  })

  await t.test('holes, allocation and copies of ranges', async (t) => {
    const fd = fs.openSync(path('holes'), 'w+')
    fs.writeSync(fd, 'data', 1 << 20)
    t.equal(posix.seek(fd, 0, 3), 1 << 20, 'SEEK_DATA')
    t.equal(posix.seek(fd, 0, 4), 0, 'SEEK_HOLE')
    t.equal(posix.seek(fd, 1 << 21, 3), 'ENXIO')
    t.equal(posix.fallocate(fd, 0, 0, 3 << 20), 0)
    t.equal(fs.fstatSync(fd).size, 3 << 20)
    t.equal(posix.fallocate(fd, 1, 0, 9 << 20), 0)
    t.equal(fs.fstatSync(fd).size, 3 << 20, 'KEEP_SIZE')
    t.equal(posix.fallocate(fd, 3, 1 << 20, 4), 0, 'PUNCH_HOLE')
    const four = Buffer.alloc(4)
    fs.readSync(fd, four, 0, 4, 1 << 20)
    t.same(four, Buffer.alloc(4))
    fs.writeSync(fd, 'again', 100)
    const to = fs.openSync(path('copied'), 'w+')
    t.equal(posix.copyRange(fd, 100, to, 7, 5), 5)
    fs.closeSync(to)
    fs.closeSync(fd)
    t.equal(fs.readFileSync(path('copied'), 'utf8'), '\0\0\0\0\0\0\0again')
  })

  await t.test('a shared mapping is written back', async (t) => {
    fs.writeFileSync(path('mapped'), Buffer.alloc(1 << 20))
    const fd = fs.openSync(path('mapped'), 'r+')
    const mapping = new posix.Mapping(fd, 1 << 20)
    mapping.write(500_000, Buffer.from('through memory'))
    t.equal(mapping.sync(), 0)
    t.equal(fs.readFileSync(path('mapped')).toString('latin1', 500_000, 500_014), 'through memory')
    fs.writeSync(fd, 'through write', 100)
    t.equal(mapping.read(100, 13).toString(), 'through write')
    mapping.close()
    fs.closeSync(fd)
  })

  await t.test('10,000 names, listed whole and while others come and go', async (t) => {
    fs.mkdirSync(path('many'))
    for (let i = 0; i < 10_000; i++) fs.writeFileSync(path(`many/f${i}`), '')
    t.equal(new Set(fs.readdirSync(path('many'))).size, 10_000)
    t.equal(
      execFileSync('sh', ['-c', 'ls -l many | wc -l'], { cwd: mounted.dir, encoding: 'utf8' }),
      '10001\n',
    )
    const dir = fs.opendirSync(path('many'), { bufferSize: 1 })
    const seen: string[] = []
    for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
      seen.push(entry.name)
      if (seen.length % 100 === 0) {
        fs.unlinkSync(path(`many/f${seen.length - 1}`))
        fs.writeFileSync(path(`many/new${seen.length}`), '')
      }
    }
    dir.closeSync()
    const old = seen.filter((name) => name.startsWith('f'))
    t.equal(new Set(seen).size, seen.length, 'none is given twice')
    for (let i = 0; i < 10_000; i++)
      if (i % 100 !== 99 && !old.includes(`f${i}`)) t.fail(`f${i} is missing`)
    execFileSync('rm', ['-r', path('many')])
  })

  await t.test('requests of 1 MiB', async (t) => {
    const bytes = Buffer.alloc(8 << 20)
    for (let i = 0; i < bytes.length; i += 4096) bytes.writeUInt32LE(i, i)
    const before = (await mounted.ask<{ calls: Record<string, number> }>('counts')).calls
    fs.writeFileSync(path('large'), bytes, { flush: true })
    const fd = fs.openSync(path('large'), fs.constants.O_RDONLY | 0o40000)
    const back = Buffer.from(new ArrayBuffer(8 << 20))
    fs.readSync(fd, back, 0, back.length, 0)
    fs.closeSync(fd)
    t.ok(back.equals(bytes))
    const after = (await mounted.ask<{ calls: Record<string, number> }>('counts')).calls
    t.ok(after['write']! - (before['write'] ?? 0) <= 20, 'few writes')
    t.ok(after['read']! - (before['read'] ?? 0) <= 16, 'few reads')
  })

  await t.test('ioctl, poll and statfs', async (t) => {
    fs.writeFileSync(path('i'), '')
    t.equal(posix.ioctl(path('i'), 0x80086601), 'ENOTTY', 'FS_IOC_GETFLAGS')
    t.equal(fs.statfsSync(mounted.dir).bsize, 4096)
    t.equal(fs.statfsSync(mounted.dir).blocks, 2 ** 28)
  })

  await t.test('nothing is kept for files that are gone', async (t) => {
    execFileSync('sh', ['-c', `find ${mounted.dir} -mindepth 1 -delete`])
    const leaks = await eventually(async () => {
      const { nodes, handles } = await mounted.ask<{ nodes: number; handles: number }>('leaks')
      return nodes === 1 ? { nodes, handles } : undefined
    })
    t.same(leaks, { nodes: 1, handles: 0 })
    t.equal(mounted.log, '')
  })
})
