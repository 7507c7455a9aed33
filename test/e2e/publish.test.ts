import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { seededBytes } from '../store/pack-file.ts'
import { Machine, noMounts, scratch, tool } from './machine.ts'
import { Publisher } from './publisher.ts'

interface Result {
  readonly paid: string
  readonly leftOut: readonly string[]
  readonly quilts: readonly {
    readonly blobId: string
    readonly objectId: string
    readonly endEpoch: number
    readonly deletable: boolean
    readonly files: readonly {
      readonly path: string
      readonly patchId: string
      readonly contentType: string
      readonly url?: string
    }[]
  }[]
}

/** Some files below a directory, by path. */
function tree(root: string, count: number, seed: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>([
    ['index.html', Buffer.from('<h1>hello</h1>')],
    ['img/ä b.png', seededBytes(30_000, `${seed} png`)],
    ['empty', Buffer.alloc(0)],
  ])
  for (let i = 0; i < count; i++) files.set(`many/${i}.txt`, seededBytes(i * 50, `${seed} ${i}`))
  for (const [path, bytes] of files) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return files
}

test('publish', { skip: noMounts() }, async (file) => {
  const machine = await Machine.withDevnet(file)
  const publisher = await Publisher.of(machine)
  const scratchOf = () =>
    readdirSync(join(machine.home, 'cache')).filter((name) => name.startsWith('publish'))

  await file.test('makes quilts that the official SDK reads', async (t) => {
    const root = scratch(t)
    const files = tree(root, 40, 'sdk')
    symlinkSync('index.html', join(root, 'link'))
    const { stdout, stderr, code } = await machine.run('publish', root, '--epochs', '4', '--json')
    t.equal(code, 0, stderr)
    t.match(stderr, /link is no regular file/)
    const result = JSON.parse(stdout) as Result
    t.ok(BigInt(result.paid) > 0n)
    t.equal(result.quilts.length, 3)
    const published = result.quilts.flatMap((quilt) => quilt.files)
    t.same(published.map(({ path }) => path).sort(), [...files.keys()].sort())
    const read = await publisher.walrus.getFiles({ ids: published.map(({ patchId }) => patchId) })
    for (const [i, one] of read.entries()) {
      const { path } = published[i]!
      t.equal(await one.getIdentifier(), path)
      t.ok(Buffer.from(await one.bytes()).equals(files.get(path)!), path)
    }
    // The SDK loses what of a file's tags lies behind the end of a column, of quilts that it wrote itself, too.
    let right = 0
    for (const [i, one] of read.entries()) {
      const tags: Record<string, string> = await one.getTags()
      if (tags['content-type'] === published[i]!.contentType) right++
    }
    t.ok(right > 0.9 * read.length, `${right} of ${read.length} have their tags`)
    t.equal(
      published.find(({ path }) => path === 'index.html')!.contentType,
      'text/html; charset=utf-8',
    )

    const copy = join(scratch(t), 'copy')
    for (const { blobId, files: quiltFiles } of result.quilts) {
      const mount = await machine.mount(`quilt:${blobId}`)
      tool('cp', ['-r', `${mount}/.`, copy])
      for (const { path, contentType } of quiltFiles) {
        const name = 'user.walrus.tag.content-type'
        const args = ['--only-values', '--absolute-names', '-n', name, join(mount, path)]
        t.equal(tool('getfattr', args), contentType)
      }
      await machine.ok('umount', mount)
    }
    tool('rm', ['-rf', join(copy, '.walrusfs')])
    tool('rm', [join(root, 'link')])
    tool('diff', ['-r', root, copy])

    const again = await machine.json<Result>('publish', root, '--epochs', '4')
    t.equal(again.paid, '0', 'what is stored is not paid for again')
    t.same(
      again.quilts.map(({ objectId }) => objectId),
      result.quilts.map(({ objectId }) => objectId),
    )
    t.match(
      await machine.ok('publish', root, '--epochs', '4'),
      /43 files, .* for nothing, it was stored already\n$/,
    )
    t.same(scratchOf(), [])
  })

  await file.test('what fails in the middle is gone on with, and paid for once', async (t) => {
    const root = scratch(t)
    tree(root, 30, 'middle')
    for (const node of ['0', '1']) await machine.ok('devnet', 'fault', 'stop', node)
    const { code, stderr } = await machine.run('publish', root, '--epochs', '4')
    await machine.ok('devnet', 'fault', 'clear')
    t.equal(code, 9, stderr)
    t.match(
      stderr,
      /not everything was published on devnet .*; [\d.]+ WAL were paid for storage, which the same command takes again/,
    )
    t.equal(stderr.trim().split('\n').length, 1)
    const result = await machine.json<Result>('publish', root, '--epochs', '4')
    t.equal(result.paid, '0')
    t.same(scratchOf(), [])
    const [first] = result.quilts[0]!.files
    t.equal((await publisher.walrus.getFiles({ ids: [first!.patchId] })).length, 1)
  })

  await file.test('permanent, with the addresses of an aggregator', async (t) => {
    const root = scratch(t)
    tree(root, 1, 'permanent')
    const config = join(machine.home, 'config/config.yaml')
    tool('sed', [
      '-i',
      's#^  devnet:#  devnet:\\n    aggregatorUrl: https://aggregator.example#',
      config,
    ])
    const { quilts } = await machine.json<Result>('publish', root, '--permanent')
    t.equal(quilts[0]!.deletable, false)
    const [{ url, patchId }] = quilts[0]!.files as [Result['quilts'][number]['files'][number]]
    t.equal(url, `https://aggregator.example/v1/blobs/by-quilt-patch-id/${patchId}`)
  })

  await file.test('what cannot be published is said in a line, and nothing is paid', async (t) => {
    const empty = scratch(t)
    const large = scratch(t)
    tool('truncate', ['-s', '18M', join(large, 'large')])
    const unreadable = scratch(t)
    writeFileSync(join(unreadable, 'a'), 'a')
    chmodSync(join(unreadable, 'a'), 0)
    for (const [args, code, words] of [
      [[join(empty, 'none')], 21, /is not there/],
      [[empty], 2, /holds no files/],
      [[join(machine.home, 'config/config.yaml')], 2, /is no directory/],
      [[large], 2, /large is larger than the \d+ bytes that a quilt holds here/],
      [[large, '--key', 'nobody', '--network', 'devnet'], 5, /the key nobody is not there/],
      [[large, '--network', 'testnet'], 5, /no key is known to pay with/],
    ] as const) {
      const { code: got, stderr } = await machine.run('publish', ...args)
      t.equal(got, code, stderr)
      t.match(stderr, words)
      t.equal(stderr.trim().split('\n').length, 1)
    }
    t.same(scratchOf(), [])
  })
})
