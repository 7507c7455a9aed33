import { nameToText } from '../../src/terms/name.ts'
import type { Node } from '../../src/vfs/file-system.ts'
import { root } from './drive.ts'
import type { Drive } from './drive.ts'
import { scenario } from './scenario.ts'

interface Line {
  readonly name: string
  readonly ino: number
  readonly mode: number
  readonly cookie: number
  readonly node: Node | undefined
}

/** Reads from a cookie on, at most `most` entries; one more is offered and refused. */
async function read(
  drive: Drive,
  id: number,
  handle: number,
  cookie: number,
  most: number,
  plus = false,
): Promise<Line[]> {
  const lines: Line[] = []
  await drive.fs.readdir(id, handle, cookie, plus, (name, ino, mode, next, node) => {
    if (lines.length === most) return false
    lines.push({ name: nameToText(name), ino, mode, cookie: next, node })
    return true
  })
  return lines
}

scenario('. and .. come first, each with its number', async (t, drive) => {
  const dir = await drive.mkdir('dir')
  await drive.file('file', '', dir)
  const { handle } = await drive.fs.opendir(dir, 0, root)
  const lines = await read(drive, dir, handle, 0, 10)
  t.same(
    lines.map(({ name }) => name),
    ['.', '..', 'file'],
  )
  t.equal(lines[0]!.ino, (await drive.stat(dir)).ino)
  t.equal(lines[1]!.ino, (await drive.stat(drive.top)).ino)
  t.equal(lines[2]!.mode & 0o170000, 0o100000)
})

scenario('reading goes on at any cookie', async (t, drive) => {
  for (let index = 0; index < 20; index++) await drive.file(`${index}`)
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  const all = await read(drive, drive.top, handle, 0, 100)
  t.equal(all.length, 22)
  for (const [index, line] of all.entries()) {
    const rest = await read(drive, drive.top, handle, line.cookie, 100)
    t.same(
      rest.map(({ name }) => name),
      all.slice(index + 1).map(({ name }) => name),
    )
  }
  const [first] = await read(drive, drive.top, handle, 0, 1)
  t.equal(first!.name, '.')
})

scenario('with plus each entry counts a lookup, the refused one does not', async (t, drive) => {
  const id = await drive.file('file')
  const other = await drive.file('other')
  drive.fs.forget(id, 1)
  drive.fs.forget(other, 1)
  await t.rejects(drive.stat(id), { code: 'ESTALE' })
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  const known = drive.posix.counts['knownInodes']!
  const lines = await read(drive, drive.top, handle, 0, 3, true)
  t.same(
    lines.map(({ node }) => node !== undefined),
    [false, false, true],
  )
  t.equal(drive.posix.counts['knownInodes'], known + 1)
  const last = lines[2]!.node!
  t.equal((await drive.stat(last.id)).ino, lines[2]!.ino)
})

scenario('a handle that is not open is EBADF', async (t, drive) => {
  await t.rejects(read(drive, drive.top, 99, 0, 1), { code: 'EBADF' })
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  await drive.fs.releasedir(drive.top, handle)
  await t.rejects(read(drive, drive.top, handle, 0, 1), { code: 'EBADF' })
})
