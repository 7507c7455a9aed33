import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { test } from 'tap'
import { loadFuseNative } from '../../src/fuse/native/fuse-native.ts'
import { shortIno, statFsWords, statWords } from '../../src/fuse/native/stat-words.ts'
import { mountAt } from '../../src/fuse/mount/mount-table.ts'
import { eventually, MemoryMount, whyNoMount } from './mounted.ts'
import * as posix from './posix.ts'
import { sample } from './sample-attributes.ts'
import { toolsWork } from './tools.ts'

const skip = whyNoMount() ?? whyNoNative()

test('attributes become the words that fuse-native wants', async (t) => {
  const words = statWords(sample)
  const [size, blocks, mtimeMs] = [5_000_000_000, 9_765_625, 4_294_967_301_000]
  t.same(
    [words[0], words[1], words[2], words[6], words[8], words[9]],
    [0o104755, 0xfffffffe, 7, 3, 0x12345678, 4096],
  )
  const u64 = (at: number) => words[at]! + words[at + 1]! * 2 ** 32
  t.same([u64(3), u64(10), u64(12), u64(14), u64(16)], [size, blocks, 0, mtimeMs, 0])
  t.equal(words[7], shortIno(sample.ino))
  t.not(shortIno(2 ** 32), 0)
})

test('the counts of a large drive fit in 32 bits', async (t) => {
  const counts = { blocks: 2 ** 40, freeBlocks: 2 ** 39, inodes: 2 ** 40, freeInodes: 5 }
  const words = statFsWords({ ...counts, blockBytes: 4096, maxNameBytes: 255 })
  t.equal(words[0]! * words[2]!, 4096 * 2 ** 40)
  t.equal(words[2]! / words[3]!, 2)
  t.same([words[5], words[6], words[10]], [2 ** 32 - 1, 5, 255])
})

test('the fuse-native driver', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { driver: 'fuse-native' })
  const path = (name: string) => mounted.path(name)

  await t.test('says what it cannot do', async (t) => {
    t.ok((await mounted.ask<string[]>('limitations')).length > 5)
    t.equal(mountAt(mounted.dir)?.type, 'fuse.walrusfs')
  })

  await t.test('serves ordinary tools', async (t) => {
    await toolsWork(t, mounted, { oldTimes: false })
  })

  await t.test('keeps both times of cp -p, though the library mislays one', async (t) => {
    fs.writeFileSync(path('times'), '')
    fs.utimesSync(path('times'), 1_000_000_000.5, 1_500_000_000.25)
    const { atimeMs, mtimeMs } = fs.statSync(path('times'))
    t.same([atimeMs, mtimeMs], [1_000_000_000_500, 1_500_000_000_250])
  })

  await t.test(
    'keeps a file that is removed or replaced while open, and shows no trace of it',
    async (t) => {
      fs.writeFileSync(path('open'), 'first')
      const fd = fs.openSync(path('open'), 'r+')
      fs.unlinkSync(path('open'))
      fs.writeSync(fd, 'FIRST')
      t.notOk(fs.existsSync(path('open')))
      t.notOk(fs.readdirSync(mounted.dir).some((name) => name.startsWith('.fuse_hidden')))
      const back = Buffer.alloc(5)
      fs.readSync(fd, back, 0, 5, 0)
      t.equal(back.toString(), 'FIRST')
      fs.closeSync(fd)
      fs.writeFileSync(path('old'), 'old')
      fs.writeFileSync(path('new'), 'new')
      const old = fs.openSync(path('old'), 'r')
      fs.renameSync(path('new'), path('old'))
      t.equal(fs.readFileSync(path('old'), 'utf8'), 'new')
      t.equal(fs.readFileSync(old, 'utf8'), 'old')
      fs.closeSync(old)
    },
  )

  await t.test('extended attributes of any size neither kill it nor get EIO', async (t) => {
    fs.writeFileSync(path('x'), '')
    const big = Buffer.alloc(3000, 'v')
    for (let i = 0; i < 20; i++) posix.setxattr(path('x'), `user.${'n'.repeat(100)}${i}`, big)
    t.equal(posix.getxattr(path('x'), `user.${'n'.repeat(100)}0`, 100), 'ERANGE')
    t.same(posix.getxattr(path('x'), `user.${'n'.repeat(100)}0`, 3000), big)
    t.equal(posix.listxattr(path('x'), 10), 'ERANGE')
    t.equal((posix.listxattr(path('x'), 60_000) as string[]).length, 20)
    t.equal(posix.getxattr(path('x'), 'user.none', 10), 'ENODATA')
  })

  await t.test('hard links have one inode number, deep paths and links work', async (t) => {
    execFileSync(
      'sh',
      [
        '-ec',
        'mkdir -p a/b/c/d/e; echo x > a/b/c/d/e/f; ln a/b/c/d/e/f g; ln -s a/b/c/d/e/f s; cat s',
      ],
      {
        cwd: mounted.dir,
        stdio: 'ignore',
      },
    )
    t.equal(fs.statSync(path('g')).ino, fs.statSync(path('a/b/c/d/e/f')).ino)
    t.equal(fs.statSync(path('g')).nlink, 2)
  })

  await t.test('files over 4 GiB', async (t) => {
    const fd = fs.openSync(path('large'), 'w+')
    fs.writeSync(fd, 'end', 5_000_000_000)
    const back = Buffer.alloc(3)
    fs.readSync(fd, back, 0, 3, 5_000_000_000)
    fs.closeSync(fd)
    t.equal(back.toString(), 'end')
    t.equal(fs.statSync(path('large')).size, 5_000_000_003)
  })

  await t.test('is unmounted without a shell, and its process ends by itself', async (t) => {
    const exited = new Promise((resolve) => mounted.child.on('exit', resolve))
    await mounted.ask('unmount', false)
    await mounted.ended
    t.equal(mountAt(mounted.dir), undefined)
    t.equal(await exited, 0)
    t.equal(mounted.log, '')
  })
})

test('bugs of the file system end as EIO there, too', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { driver: 'fuse-native' })
  for (const name of ['read-throws', 'read-rejects', 'quick'])
    fs.writeFileSync(mounted.path(name), 'bytes')
  for (const name of ['read-throws', 'read-rejects']) {
    const { stderr } = spawnSync(
      'dd',
      [`if=${mounted.path(name)}`, 'iflag=direct', 'bs=4096', 'of=/dev/null'],
      { encoding: 'utf8' },
    )
    t.match(stderr, /Input\/output error/, name)
  }
  await eventually(async () => (/TypeError: a bug/.test(mounted.log) ? true : undefined))
})

/** Why fuse-native cannot be loaded here; false if it can. */
function whyNoNative(): string | false {
  try {
    loadFuseNative()
    return false
  } catch (error) {
    return (error as Error).message
  }
}
