import { O, root } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

const later = (drive: Drive, ms = 1000) => {
  drive.clock.ms += ms
}
const relatime = { accessTimes: 'relatime' } as const

scenario('reading does not move atime unless asked to', async (t, drive) => {
  const id = await drive.file('file', 'bytes')
  const before = await drive.stat(id)
  later(drive)
  await drive.bytes(id)
  t.same(await drive.stat(id), before)
})

scenario(
  'relatime moves atime at the first read after a change, and then after a day',
  async (t, drive) => {
    const id = await drive.file('file', 'bytes')
    const start = await drive.stat(id)
    later(drive)
    await drive.bytes(id)
    const first = await drive.stat(id)
    t.equal(first.atimeSec, start.atimeSec + 1)
    t.equal(first.ctimeSec, start.ctimeSec, 'ctime stays')
    later(drive)
    await drive.bytes(id)
    t.equal((await drive.stat(id)).atimeSec, first.atimeSec, 'not again')
    later(drive, 86_400_000)
    await drive.bytes(id)
    t.equal((await drive.stat(id)).atimeSec, first.atimeSec + 86_401, 'after a day')
  },
  relatime,
)

scenario(
  'relatime of directories and symlinks',
  async (t, drive) => {
    const dir = await drive.mkdir('dir')
    const link = await drive.symlink('link', 'x')
    const start = await drive.stat(dir)
    later(drive)
    await drive.names(dir)
    await drive.fs.readlink(link)
    t.equal((await drive.stat(dir)).atimeSec, start.atimeSec + 1)
    t.equal((await drive.stat(link)).atimeSec, start.atimeSec + 1)
  },
  relatime,
)

scenario(
  'O_NOATIME moves nothing',
  async (t, drive) => {
    const id = await drive.file('file', 'bytes')
    const before = await drive.stat(id)
    later(drive)
    await drive.read(id, await drive.open(id, O.RDONLY | O.NOATIME, root))
    t.same(await drive.stat(id), before)
  },
  relatime,
)
