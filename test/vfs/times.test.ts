import { O, root } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

/** Which times of an inode a call moves, as letters: a, m, c. */
async function moved(drive: Drive, id: number, call: () => unknown): Promise<string> {
  const before = await drive.stat(id)
  drive.clock.ms += 1000
  await call()
  const after = await drive.stat(id)
  const letters = [
    after.atimeSec !== before.atimeSec ? 'a' : '',
    after.mtimeSec !== before.mtimeSec ? 'm' : '',
    after.ctimeSec !== before.ctimeSec ? 'c' : '',
  ]
  return letters.join('')
}

scenario(
  'a new file has the time of its making in all three, and its directory changes',
  async (t, drive) => {
    drive.clock.ms = 1_234_567_890_123
    const id = await drive.file('file')
    const made = { sec: 1_234_567_890, nsec: 123_000_000 }
    t.match(await drive.stat(id), {
      atimeSec: made.sec,
      mtimeSec: made.sec,
      ctimeSec: made.sec,
      atimeNsec: made.nsec,
      mtimeNsec: made.nsec,
      ctimeNsec: made.nsec,
    })
    t.match(await drive.stat(drive.top), { mtimeSec: made.sec, ctimeSec: made.sec })
  },
)

scenario('which call moves which times of a file', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  const times = (call: () => unknown) => moved(drive, id, call)
  const now = { atime: 'now', mtime: 'now' } as const
  t.equal(await times(() => drive.write(id, handle, 0, 'bytes')), 'mc', 'write')
  t.equal(await times(() => drive.write(id, handle, 0, 'bytes')), 'mc', 'overwrite in place')
  t.equal(await times(() => drive.write(id, handle, 0, '')), '', 'write of nothing')
  t.equal(await times(() => drive.read(id, handle)), '', 'read')
  t.equal(await times(() => drive.set(id, { mode: 0o600 })), 'c', 'chmod')
  t.equal(await times(() => drive.set(id, { uid: 1 })), 'c', 'chown')
  t.equal(await times(() => drive.set(id, { size: 3 })), 'mc', 'truncate')
  t.equal(await times(() => drive.set(id, { size: 3 })), 'c', 'truncate to the same size')
  t.equal(await times(() => drive.open(id, O.RDWR | O.TRUNC)), 'mc', 'O_TRUNC')
  t.equal(await times(() => drive.open(id, O.RDWR | O.TRUNC)), 'mc', 'O_TRUNC of an empty file')
  t.equal(await times(() => drive.open(id)), '', 'open')
  t.equal(await times(() => drive.set(id, now)), 'amc', 'utimes now')
  t.equal(await times(() => drive.set(id, { atime: { sec: 1, nsec: 0 } })), 'ac', 'utimes of atime')
  t.equal(await times(() => drive.set(id, { mtime: { sec: 1, nsec: 0 } })), 'mc', 'utimes of mtime')
  t.equal(await times(() => drive.setxattr(id, 'user.x', 'y')), 'c', 'setxattr')
  t.equal(await times(() => drive.removexattr(id, 'user.x')), 'c', 'removexattr')
  t.equal(await times(() => drive.link(id, 'other')), 'c', 'link')
  t.equal(await times(() => drive.rename('other', 'moved')), 'c', 'rename')
  t.equal(await times(() => drive.unlink('moved')), 'c', 'unlink')
  const allocate = (mode: number) => drive.fs.fallocate(id, handle, mode, 0, 8192, root)
  t.equal(await times(() => allocate(0)), 'mc', 'fallocate that extends')
  t.equal(await times(() => allocate(3)), 'mc', 'punch')
})

scenario('which call moves which times of a directory', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  const times = (call: () => unknown) => moved(drive, dir, call)
  t.equal(await times(() => drive.file('file', '', dir)), 'mc', 'create')
  t.equal(await times(() => drive.mkdir('below', dir)), 'mc', 'mkdir')
  t.equal(await times(() => drive.symlink('link', 'x', dir)), 'mc', 'symlink')
  t.equal(await times(() => drive.rename('link', 'new', 0, dir)), 'mc', 'rename within')
  t.equal(await times(() => drive.rename('new', 'out', 0, dir, drive.top)), 'mc', 'rename out')
  t.equal(await times(() => drive.rename('out', 'in', 0, drive.top, dir)), 'mc', 'rename in')
  t.equal(await times(() => drive.rmdir('below', dir)), 'mc', 'rmdir')
  t.equal(await times(() => drive.unlink('in', dir)), 'mc', 'unlink')
  t.equal(await times(() => drive.names(dir)), '', 'readdir')
  t.equal(await times(() => drive.lookup('file', dir)), '', 'lookup')
  t.equal(await times(() => drive.rename('dir', 'renamed')), 'c', 'its own rename')
})

scenario('times before 1970 and after 2038 are kept to the nanosecond', async (t, drive) => {
  const id = await drive.file('file')
  const moments = [
    { sec: -1, nsec: 999_999_999 },
    { sec: -2_208_988_800, nsec: 1 },
    { sec: 2 ** 31, nsec: 0 },
    { sec: 32_503_680_000, nsec: 123_456_789 },
  ]
  for (const atime of moments) {
    const mtime = { sec: atime.sec - 5, nsec: atime.nsec }
    const after = await drive.set(id, { atime, mtime })
    t.match(after, { atimeSec: atime.sec, atimeNsec: atime.nsec })
    t.match(after, { mtimeSec: mtime.sec, mtimeNsec: mtime.nsec })
  }
})

scenario('the kernel may bring its own ctime along', async (t, drive) => {
  const id = await drive.file('file')
  const after = await drive.set(id, { mtime: { sec: 7, nsec: 1 }, ctime: { sec: 9, nsec: 2 } })
  t.match(after, { mtimeSec: 7, mtimeNsec: 1, ctimeSec: 9, ctimeNsec: 2 })
})

scenario('pages written back in place leave mtime to the kernel', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes', { cached: true })
  const times = await moved(drive, id, () => drive.write(id, handle, 0, 'BYTES', { cached: true }))
  t.equal(times, '')
  t.equal(await drive.read(id, handle), 'BYTES')
})

scenario('pages that came before the kernel told their time show that time', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes', { cached: true })
  await drive.set(id, { mtime: { sec: 7, nsec: 1 }, ctime: { sec: 9, nsec: 2 } })
  await drive.fs.flush(id, handle, 0n)
  t.match(await drive.stat(id), { mtimeSec: 7, mtimeNsec: 1, ctimeSec: 9, ctimeNsec: 2 })
})

for (const call of ['flush', 'fsync'] as const) {
  scenario(
    `pages that come after the kernel told their time keep it (${call})`,
    async (t, drive) => {
      const { id, handle } = await drive.create('file')
      const told = { mtimeSec: 7, mtimeNsec: 1, ctimeSec: 9, ctimeNsec: 2 }
      await drive.set(id, { mtime: { sec: 7, nsec: 1 }, ctime: { sec: 9, nsec: 2 } })
      const pages = async () => {
        await drive.write(id, handle, 0, 'bytes', { cached: true })
        await drive.write(id, handle, 9000, 'more', { cached: true })
      }
      t.equal(await moved(drive, id, pages), 'mc', 'a crash now must not look like no change')
      if (call === 'flush') await drive.fs.flush(id, handle, 0n)
      else await drive.fs.fsync(id, handle, false)
      t.match(await drive.stat(id), told)

      await pages()
      await drive.set(id, { mode: 0o600 })
      const { ctimeSec } = await drive.stat(id)
      await drive.fs.flush(id, handle, 0n)
      t.match(
        await drive.stat(id),
        { mtimeSec: 7, mtimeNsec: 1, ctimeSec },
        'ctime of the chmod stays',
      )

      await pages()
      const written = await moved(drive, id, () => drive.write(id, handle, 0, 'now'))
      t.equal(written, 'mc')
      t.equal(
        await moved(drive, id, () => drive.fs.flush(id, handle, 0n)),
        '',
        'a write of its own has its own time',
      )
    },
  )
}

scenario(
  'pages of a program that was killed before their time was told show when they came',
  async (t, drive) => {
    const { id, handle } = await drive.create('file')
    const other = await drive.open(id)
    await drive.write(id, handle, 0, 'bytes', { cached: true })
    const { mtimeSec, mtimeNsec } = await drive.stat(id)
    await drive.fs.release(id, handle, undefined)
    drive.clock.ms += 5000
    await drive.fs.flush(id, other, 0n)
    t.match(await drive.stat(id), { mtimeSec, mtimeNsec })
  },
)

scenario(
  'a file that is made and opened begins with the time that the kernel gives to writes, its directory with the exact one',
  async (t, drive) => {
    const dir = await drive.mkdir('dir')
    drive.clock.ms = 1_234_567_890_123
    const { id, handle } = await drive.create('file', { parent: dir })
    const tick = { atimeSec: 1_234_567_890, mtimeSec: 1_234_567_890, ctimeSec: 1_234_567_890 }
    const inTick = { atimeNsec: 120_000_000, mtimeNsec: 120_000_000, ctimeNsec: 120_000_000 }
    t.match(await drive.stat(id), { ...tick, ...inTick })
    t.match(await drive.stat(dir), { mtimeNsec: 123_000_000, ctimeNsec: 123_000_000 })
    await drive.write(id, handle, 0, 'bytes', { cached: true })
    t.not((await drive.stat(id)).mtimeNsec, 120_000_000, 'a crash now must not look like no change')
    await drive.fs.flush(id, handle, 0n)
    t.match(await drive.stat(id), { ...tick, ...inTick }, 'the kernel has nothing else to tell')
  },
  { writeTime: () => ({ sec: 1_234_567_890, nsec: 120_000_000 }) },
)

scenario('times beyond what can be kept are the last that can', async (t, drive) => {
  const id = await drive.file('file')
  const after = await drive.set(id, {
    atime: { sec: -(2 ** 63), nsec: 5 },
    mtime: { sec: 2 ** 63, nsec: 999_999_999 },
    ctime: { sec: 2 ** 60, nsec: 1 },
  })
  t.match(after, { atimeSec: -(2 ** 52) + 1, atimeNsec: 0, mtimeSec: 2 ** 52 - 1, mtimeNsec: 0 })
  t.match(after, { ctimeSec: 2 ** 52 - 1, ctimeNsec: 0 })
})
