import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'tap'
import { seededBytes } from '../store/pack-file.ts'
import { isMounted, Machine, noMounts, scratch, tool } from './machine.ts'
import { Publisher } from './publisher.ts'

const skip = noMounts()
const unknown = 'A'.repeat(43)

function xattr(path: string, name: string): string {
  return tool('getfattr', ['--only-values', '--absolute-names', '-n', name, path])
}

function xattrs(path: string): string[] {
  const lines = tool('getfattr', ['--absolute-names', path]).split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).sort()
}

/** What a mount that was ended left in the state directory. */
function litter(machine: Machine): string[] {
  return readdirSync(join(machine.home, 'state'))
    .filter((name) => /^(blob|quilt|site)/.test(name))
    .sort()
}

test('what others published is mounted without a key', { skip }, async (file) => {
  const publisherMachine = await Machine.withDevnet(file)
  const publisher = await Publisher.of(publisherMachine)
  /** Knows the network and has no key. */
  const reader = (t: Parameters<typeof scratch>[0]): Machine => {
    const machine = new Machine(t, publisherMachine)
    machine.forgetKeys()
    return machine
  }

  await file.test('a bare blob', async (t) => {
    const bytes = seededBytes(5_000_000, 'bare blob')
    const id = await publisher.blob(bytes)
    const machine = reader(t)
    const mount = await machine.mount(`blob:${id}`)
    t.same(readdirSync(mount), [id])
    const path = join(mount, id)
    t.equal(statSync(path).size, bytes.length)
    t.equal(statSync(path).mode & 0o777, 0o644)
    t.ok(bytes.equals(readFileSync(path)), 'byte for byte')
    t.equal(xattr(path, 'user.walrus.blob'), id)
    // SEEK_DATA must see the bytes, or cp makes holes of them.
    tool('cp', ['--sparse=always', path, join(scratch(t), 'copy')])
    t.throws(() => writeFileSync(join(mount, 'new'), ''), { code: 'EROFS' })
    t.throws(() => writeFileSync(path, ''), { code: 'EROFS' })

    const status = await machine.status(mount)
    t.equal(status.drive, `blob:${id}`)
    t.equal(status.manifest, undefined)
    t.equal(status.shows, 'blob')
    t.equal(status.readOnly, true)
    t.equal(status.health, 'ok')
    t.match(await machine.ok('status', mount), /shows +blob\n/)
    t.match(await machine.run('renew', mount), { code: 19 }, 'nothing to renew')

    await machine.ok('umount', mount)
    t.notOk(isMounted(mount))
    t.same(litter(machine), [])

    // As mount(8) calls a helper for a line of fstab.
    await machine.ok(`blob:${id}`, mount, '-o', 'rw,ro')
    t.same(readdirSync(mount), [id])
    await machine.ok('umount', mount)
  })

  await file.test('what was read once is read from the disk', async (t) => {
    const bytes = seededBytes(3_000_000, 'cached')
    const id = await publisher.blob(bytes)
    const machine = reader(t)
    const first = await machine.mount(`blob:${id}`)
    t.ok(bytes.equals(readFileSync(join(first, id))))
    await machine.ok('umount', first)
    const again = await machine.mount(`blob:${id}`)
    t.ok(bytes.equals(readFileSync(join(again, id))))
    const { cache } = await machine.status(again)
    t.equal(cache.misses, 0, 'nothing was fetched')
    t.ok(cache.diskHits >= 3)
  })

  await file.test('a part of a blob is read by its rows', async (t) => {
    const bytes = seededBytes(12_000_000, 'large')
    const id = await publisher.blob(bytes)
    const machine = reader(t)
    const mount = await machine.mount(`blob:${id}`)
    const part = tool('dd', [
      `if=${join(mount, id)}`,
      'bs=4096',
      'skip=1500',
      'count=1',
      'status=none',
      `of=${join(scratch(t), 'part')}`,
    ])
    t.equal(part, '')
    const { cache } = await machine.status(mount)
    t.ok(cache.diskBytes < 4_000_000, `${cache.diskBytes} bytes were fetched of 12,000,000`)
  })

  await file.test('a quilt', async (t) => {
    const files = [
      { identifier: 'index.html', contents: Buffer.from('<h1>hello</h1>') },
      {
        identifier: 'img/a b.png',
        contents: seededBytes(70_000, 'a'),
        tags: { 'content-type': 'image/png', owner: 'ä' },
      },
      { identifier: 'img/deep/er/c.bin', contents: seededBytes(400_001, 'c') },
      { identifier: 'empty', contents: new Uint8Array(0) },
      { identifier: 'img', contents: Buffer.from('a file that is called like a directory') },
      { identifier: '../escape', contents: Buffer.from('no escape') },
      { identifier: 'x//y', contents: Buffer.from('two slashes') },
      { identifier: 'x/y', contents: Buffer.from('one slash') },
      { identifier: 'n'.repeat(300), contents: Buffer.from('a long name') },
    ]
    const { blobId, index } = await publisher.quilt(files)
    const machine = reader(t)
    const mount = await machine.mount(`quilt:${blobId}`)
    const long = `${'n'.repeat(238)}~${createHash('sha256').update('n'.repeat(300)).digest('hex').slice(0, 16)}`
    const paths: Record<string, string> = {
      img: 'img~1',
      '../escape': '%2E%2E/escape',
      'x//y': 'x/y~1',
      [files.at(-1)!.identifier]: long,
    }
    for (const { identifier, contents } of files) {
      const path = join(mount, paths[identifier] ?? identifier)
      t.ok(Buffer.from(contents).equals(readFileSync(path)), identifier.slice(0, 40))
      t.equal(statSync(path).size, contents.length)
      t.equal(xattr(path, 'user.walrus.identifier'), identifier)
      const patch = index.patches.find((one) => one.identifier === identifier)!
      t.equal(xattr(path, 'user.walrus.patch'), patch.patchId)
    }
    t.same(
      readdirSync(mount).sort(),
      ['%2E%2E', 'empty', 'img', 'img~1', 'index.html', long, 'x'].sort(),
    )
    const tagged = join(mount, 'img/a b.png')
    t.equal(xattr(tagged, 'user.walrus.tag.content-type'), 'image/png')
    t.equal(xattr(tagged, 'user.walrus.tag.owner'), 'ä')
    t.equal(xattrs(tagged).length, 4)
    t.equal((await machine.status(mount)).shows, 'quilt, 9 files')

    t.same((await machine.ok('ls', `quilt:${blobId}`, 'img')).split('\n').sort(), [
      '',
      'a b.png',
      'deep',
    ])
    t.equal(await machine.ok('cat', `quilt:${blobId}`, '%2E%2E/escape'), 'no escape')
    const copy = join(scratch(t), 'copy')
    await machine.ok('get', `quilt:${blobId}`, '/', copy)
    tool('diff', ['-r', mount, copy, '--exclude=.walrusfs'])
    await machine.ok('umount', mount)
    t.same(litter(machine), [])
  })

  await file.test('a quilt is read while a storage node is gone', async (t) => {
    const contents = seededBytes(200_000, 'without a node')
    const { blobId } = await publisher.quilt([{ identifier: 'a', contents }])
    await publisherMachine.ok('devnet', 'fault', 'stop', '1')
    t.teardown(() => publisherMachine.ok('devnet', 'fault', 'clear'))
    const mount = await reader(t).mount(`quilt:${blobId}`)
    t.ok(contents.equals(readFileSync(join(mount, 'a'))))
  })

  await file.test('what cannot be shown is said in a line', async (t) => {
    const machine = reader(t)
    const mount = machine.mountPoint()
    const blob = await publisher.blob(Buffer.from('no quilt at all'))
    for (const [reference, code, words] of [
      [`blob:${unknown}`, 21, /is not stored on devnet/],
      [`quilt:${unknown}`, 21, /is not stored on devnet/],
      [`quilt:${blob}`, 13, /no quilt/],
      ['blob:short', 2, /no blob id/],
      ['site:!', 2, /names no site/],
    ] as const) {
      const { code: got, stderr } = await machine.run('mount', reference, mount)
      t.equal(got, code, reference)
      t.match(stderr, words)
      t.equal(stderr.trim().split('\n').length, 1)
    }
    t.same(litter(machine), [])
  })
})
