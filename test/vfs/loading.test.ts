import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { PosixFileSystem } from '../../src/vfs/posix-file-system.ts'
import { HandClock, O, root } from './drive.ts'
import { LazyWorktree } from './lazy-worktree.ts'
import { MemoryContent } from './memory-content.ts'
import { present } from './present.ts'

/** A worktree that lets something happen just before each of its answers arrives. */
class BusyWorktree extends LazyWorktree {
  meanwhile: () => unknown = () => {}

  override lookup(directory: Inode, name: Name): Inode | undefined | Promise<Inode | undefined> {
    const found = super.lookup(directory, name)
    if (!(found instanceof Promise)) return found
    return found.finally(() => {
      const { meanwhile } = this
      this.meanwhile = () => {}
      meanwhile()
    })
  }
}

function busyDrive() {
  const inner = new Worktree({ root: { mode: 0o777 } })
  const worktree = new BusyWorktree(inner)
  const parts = { worktree, content: new MemoryContent(), clock: new HandClock() }
  const fs = new PosixFileSystem(parts)
  const make = (name: string) => {
    const making = { parent: 1, name: nameFromText(name), ino: inner.allocate(), rdev: 0 }
    const time = { sec: 1, nsec: 0 }
    return inner.apply({ type: 'make', ...making, mode: 0o100644, uid: 0, gid: 0, time })
  }
  const unlink = (name: string) =>
    worktree.apply({
      type: 'unlink',
      parent: 1,
      name: nameFromText(name),
      time: { sec: 2, nsec: 0 },
    })
  return { inner, worktree, fs, make, unlink }
}

const file = nameFromText('file')

test('a name that somebody made while it was looked up is not made twice', async (t) => {
  const { worktree, fs } = busyDrive()
  const outcome = async (call: () => unknown) => {
    try {
      await call()
      return 'made'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  let second: Promise<string> | undefined
  worktree.meanwhile = () => (second = outcome(() => fs.mknod(1, file, 0o100600, 0, root)))
  const first = await outcome(() => fs.mkdir(1, file, 0o700, root))
  t.same(new Set([first, await second]), new Set(['EEXIST', 'made']))
})

test('a name that went away while it was looked up is not removed again', async (t) => {
  const { worktree, fs, make, unlink } = busyDrive()
  make('file')
  worktree.meanwhile = () => void unlink('file')
  await t.rejects(Promise.resolve(fs.unlink(1, file, root)), { code: 'ENOENT' })
})

test('a lookup does not hand out what went away meanwhile', async (t) => {
  const { worktree, fs, make, unlink } = busyDrive()
  make('file')
  worktree.meanwhile = () => void unlink('file')
  t.equal(await fs.lookup(1, file, root), undefined)
  t.equal(fs.counts['knownInodes'], 1)
})

test('what cannot be loaded fails the call and nothing else', async (t) => {
  const { worktree, fs } = busyDrive()
  worktree.meanwhile = () => {
    throw Object.assign(new Error('the network is gone'), { name: 'FsError', code: 'ETIMEDOUT' })
  }
  await t.rejects(Promise.resolve(fs.mkdir(1, file, 0o700, root)), { code: 'ETIMEDOUT' })
  await fs.mkdir(1, file, 0o700, root)
})

test('a file whose extents are stored apart is read, written, cut and copied', async (t) => {
  const inner = new Worktree({ root: { mode: 0o777 } })
  const content = new MemoryContent()
  const apart = new Set<Inode>()
  const hidden = (inode: Inode) => {
    const own: { holder: object | undefined } = { holder: undefined }
    return new Proxy(inode, {
      get: (target, name) => {
        if (name === 'extents' && apart.has(target)) return undefined
        return Reflect.get(name === 'holder' ? own : target, name)
      },
      set: (target, name, value) => Reflect.set(name === 'holder' ? own : target, name, value),
    })
  }
  const proxies = new Map<Inode, Inode>()
  class ApartWorktree extends LazyWorktree {
    override lookup(directory: Inode, name: Name): Inode | undefined {
      const found = inner.lookup(directory, name) as Inode | undefined
      if (found === undefined || (found.mode & 0o170000) !== 0o100000) return found
      if (!proxies.has(found)) proxies.set(found, hidden(found))
      return proxies.get(found)
    }

    override async extents(proxy: Inode) {
      await new Promise((resolve) => setImmediate(resolve))
      for (const [inode, known] of proxies) if (known === proxy) apart.delete(inode)
      return proxy.extents!
    }

    override retain(): void {}
    override release(): void {}
  }
  const parts = { worktree: new ApartWorktree(inner), content, clock: new HandClock() }
  const fs = new PosixFileSystem(parts)
  const again = () => {
    for (const inode of proxies.keys()) apart.add(inode)
  }
  await fs.mknod(1, file, 0o100644, 0, root)
  const { id } = await present(fs.lookup(1, file, root), 'ENOENT')
  const { handle } = await fs.open(id, O.RDWR, root)
  const read = async () => {
    again()
    return Buffer.from((await fs.read(id, handle, 0, new Uint8Array(100))) as Uint8Array).toString()
  }
  again()
  t.equal(await fs.write(id, handle, 0, Buffer.from('some bytes'), false, root), 10)
  t.equal(await read(), 'some bytes')
  again()
  await fs.setattr(id, { size: 4 }, root)
  t.equal(await read(), 'some')
  again()
  t.equal(await fs.lseek(id, handle, 0, 4), 4)
  again()
  await fs.copyFileRange(id, handle, 0, id, handle, 4, 4, root)
  t.equal(await read(), 'somesome')
  again()
  await fs.fallocate(id, handle, 3, 0, 4, root)
  t.equal(await read(), '\0\0\0\0some')
  again()
  await fs.open(id, O.RDWR | O.TRUNC, root)
  t.equal(await read(), '')
})
