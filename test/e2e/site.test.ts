import { createHash } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { seededBytes } from '../store/pack-file.ts'
import { Machine, noMounts, scratch, tool, until } from './machine.ts'
import { Publisher } from './publisher.ts'
import { SitePublisher } from './site-publisher.ts'

function xattr(path: string, name: string): string {
  return tool('getfattr', ['--only-values', '--absolute-names', '-n', name, path])
}

function base36(id: string): string {
  return BigInt(id).toString(36)
}

test('a Walrus Site is mounted without a key', { skip: noMounts() }, async (file) => {
  const machine = await Machine.withDevnet(file)
  const publisher = await Publisher.of(machine)
  const sites = await SitePublisher.of(publisher)
  machine.forgetKeys()

  const html = Buffer.from('<h1>hello</h1>'.repeat(50))
  const style = Buffer.from('h1 { color: teal }'.repeat(80))
  const picture = seededBytes(90_000, 'picture')
  const film = seededBytes(6_500_000, 'film')
  const parts = Buffer.concat([Buffer.from('0123456789'), picture, Buffer.from('the end')])
  const quilted = Buffer.from('a page in a quilt')
  const htmlBlob = await publisher.blob(gzipSync(html))
  const styleBlob = await publisher.blob(brotliCompressSync(style))
  const filmBlob = await publisher.blob(film)
  const partsBlob = await publisher.blob(parts)
  const quilt = await publisher.quilt([
    { identifier: 'a page', contents: quilted },
    { identifier: 'another', contents: picture, tags: { kind: 'picture' } },
  ])
  const place = (identifier: string): string => {
    const { patchId } = quilt.index.patches.find((patch) => patch.identifier === identifier)!
    return `0x${Buffer.from(patchId, 'base64url').subarray(32).toString('hex')}`
  }
  const wrong = createHash('sha256').update('something else').digest()

  const id = await sites.site('my site', [
    {
      path: '/index.html',
      blob: htmlBlob,
      bytes: gzipSync(html),
      headers: { 'content-type': 'text/html', 'Content-Encoding': 'gzip' },
    },
    {
      path: '/css/style.css',
      blob: styleBlob,
      bytes: brotliCompressSync(style),
      headers: { 'content-encoding': 'br' },
    },
    { path: '/film.bin', blob: filmBlob, bytes: film },
    {
      path: '/parts/middle',
      blob: partsBlob,
      bytes: picture,
      range: [10, 10 + picture.length - 1],
    },
    { path: '/parts/from', blob: partsBlob, bytes: parts.subarray(90_010), range: [90_010, null] },
    { path: '/parts/last', blob: partsBlob, bytes: Buffer.from('end'), range: [null, 3] },
    { path: '/parts/beyond', blob: partsBlob, bytes: parts, range: [0, 1_000_000] },
    {
      path: '/page',
      blob: quilt.blobId,
      bytes: quilted,
      headers: { 'x-wal-quilt-patch-internal-id': place('a page'), 'x-large': 'v'.repeat(9000) },
    },
    {
      path: '/page/picture.png',
      blob: quilt.blobId,
      bytes: picture,
      headers: { 'x-wal-quilt-patch-internal-id': place('another') },
    },
    { path: '/tampered/small', blob: partsBlob, bytes: parts, hash: wrong },
    { path: '/tampered/large', blob: filmBlob, bytes: film, hash: wrong },
    {
      path: '/tampered/packed',
      blob: htmlBlob,
      bytes: html,
      hash: wrong,
      headers: { 'content-encoding': 'gzip' },
    },
    { path: '/lost', blob: 'A'.repeat(43), bytes: html },
  ])
  const good: Record<string, Uint8Array> = {
    'index.html': html,
    'css/style.css': style,
    'film.bin': film,
    'parts/middle': picture,
    'parts/from': parts.subarray(90_010),
    'parts/last': Buffer.from('end'),
    'page~1': quilted,
    'page/picture.png': picture,
  }
  const mount = await machine.mount(`site:${id}`)

  await file.test('its files are there, byte for byte', async (t) => {
    for (const [path, bytes] of Object.entries(good)) {
      t.equal(statSync(join(mount, path)).size, bytes.length, path)
      t.ok(readFileSync(join(mount, path)).equals(bytes), path)
    }
    t.same(readdirSync(mount).sort(), [
      'css',
      'film.bin',
      'index.html',
      'lost',
      'page',
      'page~1',
      'parts',
      'tampered',
    ])
    const page = join(mount, 'page~1')
    t.equal(xattr(page, 'user.walrus.path'), '/page')
    t.equal(xattr(page, 'user.walrus.blob'), quilt.blobId)
    t.equal(xattr(page, 'user.walrus.header.x-large').length, 9000)
    const index = join(mount, 'index.html')
    t.equal(xattr(index, 'user.walrus.header.content-type'), 'text/html')
    t.equal(xattr(index, 'user.walrus.header.content-encoding'), 'gzip')
    const { shows } = await machine.status(mount)
    t.match(shows, /^site "my site", 13 files, version \d+$/)
  })

  await file.test('what is not what its hash promises is not served, and is named', async (t) => {
    for (const name of ['small', 'large', 'packed']) {
      t.throws(() => readFileSync(join(mount, 'tampered', name)), { code: 'EIO' }, name)
    }
    t.throws(() => readFileSync(join(mount, 'lost')), { code: 'EIO' })
    t.throws(() => readFileSync(join(mount, 'parts/beyond')), { code: 'EIO' })
    const { health, problems, damagedFiles } = await machine.status(mount)
    t.equal(health, 'degraded')
    t.equal(damagedFiles, 3)
    for (const name of ['small', 'large', 'packed']) {
      t.ok(
        problems.includes(`tampered/${name} is not what its hash promises: it is not served`),
        name,
      )
    }
    t.match(await machine.ok('status', mount, '--metrics'), /walrusfs_damaged_files\{.*\} 3\n/)
  })

  await file.test('compressed files are shown as they are stored to who asks', async (t) => {
    const text = `site:${base36(id)}`
    const stored = gzipSync(html)
    const path = join(scratch(t), 'index.html')
    await machine.ok('get', text, '/index.html', path, '--as-stored')
    t.ok(readFileSync(path).equals(stored))
    t.equal(await machine.ok('cat', text, '/index.html'), html.toString())
    t.match(await machine.ok('ls', text, '/parts'), /^beyond\nfrom\nlast\nmiddle\n$/)
    const other = machine.mountPoint()
    await machine.ok('mount', text, other, '-o', 'as_stored')
    t.ok(readFileSync(join(other, 'index.html')).equals(stored))
    await machine.ok('umount', other)
  })

  await file.test('what changes on chain changes here', async (t) => {
    const open = readFileSync(join(mount, 'index.html'))
    const page = Buffer.from('a new page')
    const blob = await publisher.blob(page)
    const inode = statSync(join(mount, 'film.bin')).ino
    const { mtimeMs } = statSync(join(mount, 'index.html'))
    await sites.change(
      id,
      [
        { path: '/index.html', blob, bytes: page },
        { path: '/new/page.html', blob, bytes: page },
      ],
      ['/index.html', '/css/style.css'],
    )
    t.notOk(existsSync(join(mount, 'new')), 'nobody has looked yet')
    await until(() => existsSync(join(mount, 'new/page.html')), 'the new page', 30_000)
    t.equal(readFileSync(join(mount, 'index.html')).toString(), 'a new page')
    t.equal(readFileSync(join(mount, 'new/page.html')).toString(), 'a new page')
    t.not(statSync(join(mount, 'index.html')).mtimeMs, mtimeMs, 'rsync sees that it changed')
    t.equal(new Date(mtimeMs).getUTCFullYear(), 1970)
    t.notOk(existsSync(join(mount, 'css')))
    t.equal(statSync(join(mount, 'film.bin')).ino, inode)
    t.ok(open.equals(html))
    t.match((await machine.status(mount)).shows, /13 files/)
  })

  await file.test('what is no site is said in a line', async (t) => {
    const target = machine.mountPoint()
    for (const [reference, code, words] of [
      [
        `site:0x${'7'.repeat(64)}`,
        21,
        /is not stored on devnet|not found|does not exist|is not there/,
      ],
      ['site:walrus.sui', 13, /has no SuiNS/],
      ['site:docs', 13, /has no SuiNS/],
      [`site:${sites.packageId}`, 13, /no Walrus Site/],
    ] as const) {
      const { code: got, stderr } = await machine.run('mount', reference, target)
      t.equal(got, code, `${reference}: ${stderr}`)
      t.match(stderr, words)
    }
  })

  await file.test('nothing is left behind', async (t) => {
    await machine.ok('umount', mount)
    t.same(
      readdirSync(join(machine.home, 'state')).filter((name) => name.startsWith('site')),
      [],
    )
  })
})

test('a directory is published as a Walrus Site', { skip: noMounts() }, async (t) => {
  const machine = await Machine.withDevnet(t)
  const publisher = await Publisher.of(machine)
  const { packageId } = await SitePublisher.of(publisher)
  const root = scratch(t)
  mkdirSync(join(root, 'sub'))
  const many = Array.from({ length: 130 }, (_, i) => `sub/${i}.txt`)
  for (const path of ['index.html', ...many]) writeFileSync(join(root, path), `this is ${path}`)

  const without = await machine.run('publish', root, '--as', 'site')
  t.equal(without.code, 3, without.stderr)
  t.match(without.stderr, /nobody knows where Walrus Sites are on devnet; nothing was published/)
  const config = join(machine.home, 'config/config.yaml')
  tool('sed', ['-i', `s#^  devnet:#  devnet:\\n    sitePackage: "${packageId}"#`, config])

  interface Result {
    readonly site: {
      readonly id: string
      readonly isNew: boolean
      readonly added: number
      readonly removed: number
    }
  }
  const publish = async (): Promise<Result['site']> =>
    (await machine.json<Result>('publish', root, '--as', 'site', '--name', 'mine')).site
  const first = await publish()
  t.match(first, { isNew: true, added: 131, removed: 0 })
  const mount = await machine.mount(`site:${first.id}`)
  tool('diff', ['-r', '--exclude=.walrusfs', root, mount])
  t.equal(
    xattr(join(mount, 'index.html'), 'user.walrus.header.content-type'),
    'text/html; charset=utf-8',
  )
  t.match((await machine.status(mount)).shows, /^site "mine", 131 files/)

  t.same({ ...(await publish()) }, { ...first, isNew: false, added: 0 }, 'nothing to change')
  writeFileSync(join(root, 'sub/0.txt'), 'changed')
  rmSync(join(root, 'sub/1.txt'))
  const second = await publish()
  t.equal(second.id, first.id)
  t.ok(second.added >= 1 && second.removed > second.added)
  await until(() => !existsSync(join(mount, 'sub/1.txt')), 'the new version', 30_000)
  tool('diff', ['-r', '--exclude=.walrusfs', root, mount])
  t.equal((await machine.status(mount)).damagedFiles, 0)
})
