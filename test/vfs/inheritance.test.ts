import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { alice, bob, Drive, O, root } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('what is made belongs to its maker, less the umask', async (t, drive) => {
  const made = async (name: string, mode: number, caller = alice) =>
    drive.stat((await drive.create(name, { mode, caller })).id)
  t.match(await made('one', 0o666), { uid: 1000, gid: 1000, mode: 0o100644 })
  t.match(await made('two', 0o7777, bob), { uid: 1001, mode: 0o107777 })
  const dir = await drive.mkdir('dir', drive.top, 0o777, alice)
  t.match(await drive.stat(dir), { uid: 1000, gid: 1000, mode: 0o040755, nlink: 2 })
  const noUmask = { uid: 1, gid: 1, pid: 1, umask: undefined }
  t.match(await made('three', 0o666, noUmask), { mode: 0o100666 }, 'the kernel has applied it')
})

scenario(
  'a setgid directory hands its group down, and its bit to directories',
  async (t, drive) => {
    const dir = await drive.mkdir('dir')
    await drive.set(dir, { gid: 50 })
    await drive.set(dir, { mode: 0o2777 })
    const file = await drive.create('file', { parent: dir, caller: alice })
    t.match(await drive.stat(file.id), { uid: 1000, gid: 50, mode: 0o100644 })
    const below = await drive.mkdir('below', dir, 0o755, alice)
    t.match(await drive.stat(below), { gid: 50, mode: 0o042755 })
    const { id } = await drive.fs.symlink(dir, nameFromText('link'), Buffer.from('x'), alice)
    t.match(await drive.stat(id), { gid: 50, mode: 0o120777 })
    const { node } = await drive.fs.tmpfile(dir, 0o600, O.RDWR, alice)
    t.match(await drive.stat(node.id), { gid: 50 })
  },
)

test('nobody makes a program that runs as a group he is not in', async (t) => {
  const drive = new Drive({ groupsOf: (pid) => (pid === alice.pid ? [50] : undefined) })
  const dir = await drive.mkdir('dir')
  await drive.set(dir, { gid: 50 })
  await drive.set(dir, { mode: 0o2777 })
  const made = async (name: string, caller = root, mode = 0o2755) =>
    (await drive.stat((await drive.create(name, { parent: dir, mode, caller })).id)).mode
  t.equal(await made('root'), 0o102755)
  t.equal(await made('member', alice), 0o102755)
  t.equal(await made('stranger', bob), 0o100755)
  t.equal(await made('no program', bob, 0o2744), 0o102744)
})
