import { nameFromText } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import { alice, root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('fifos, sockets and device nodes can be made', async (t, drive) => {
  const make = async (name: string, mode: number, rdev = 0) => {
    const { id } = await drive.fs.mknod(drive.top, nameFromText(name), mode, rdev, root)
    return drive.stat(id)
  }
  t.match(await make('fifo', FileType.fifo | 0o666), { mode: FileType.fifo | 0o644, rdev: 0 })
  t.match(await make('socket', FileType.socket | 0o755), { mode: FileType.socket | 0o755 })
  const character = { mode: FileType.charDevice | 0o600, rdev: 0x103 }
  t.match(await make('null', character.mode, character.rdev), character)
  const block = { mode: FileType.blockDevice | 0o600, rdev: 0x12345678 }
  t.match(await make('disk', block.mode, block.rdev), block)
  t.match(
    await make('file', FileType.regular | 0o600, 99),
    { rdev: 0 },
    'only devices have numbers',
  )
  t.match(await make('plain', 0o600), { mode: FileType.regular | 0o600 }, 'no type: a file')
})

scenario('mknod makes no directories, and nothing unknown', async (t, drive) => {
  const make = async (mode: number) => drive.fs.mknod(drive.top, nameFromText('x'), mode, 0, root)
  await t.rejects(make(FileType.directory | 0o755), { code: 'EPERM' })
  await t.rejects(make(FileType.symlink | 0o777), { code: 'EINVAL' })
  await t.rejects(make(0o150000), { code: 'EINVAL' })
})

scenario('special files are opened by the kernel, not here', async (t, drive) => {
  const { id } = await drive.fs.mknod(drive.top, nameFromText('fifo'), FileType.fifo, 0, alice)
  await t.rejects(drive.open(id), { code: 'ENXIO' })
  await t.rejects(drive.set(id, { size: 0 }), { code: 'EINVAL' })
})
