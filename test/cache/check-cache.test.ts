import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { checkCache } from '../../src/cache/check-cache.ts'
import { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { Desk } from '../writeback/desk.ts'
import { noise, write } from '../writeback/files.ts'
import { keep, piece } from './scratch-cache.ts'

const codec = openPieceCodec()

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'walrusfs-check-cache-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Changes a byte of the only file in a directory. */
function flip(path: string, at: number): void {
  const file = join(path, readdirSync(path)[0]!)
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(file, bytes)
}

test('slabs, complete and not: a flipped byte is found, and thrown away when asked', async (t) => {
  for (const isComplete of [true, false]) {
    const home = directory(t)
    const cache = await MemoryOverDiskCache.open(home, { memoryBytes: 0, reserveBytes: 0 })
    await keep(
      cache,
      Array.from({ length: 20 }, (_, i) => piece(i)),
    )
    if (isComplete) await cache.close()
    t.match(await checkCache(home, codec, { remove: true }), {
      files: 1,
      pieces: 20,
      bytes: 20_000,
      damaged: [],
    })
    flip(join(home, 'pieces'), 8 + 48 + 5 * 1048 + 77)
    const seen = await checkCache(home, codec, { remove: false })
    t.match(seen.damaged, [{ damaged: 1, pieces: 20, removed: false }])
    t.equal(readdirSync(join(home, 'pieces')).length, 1)
    t.match((await checkCache(home, codec, { remove: true })).damaged, [{ removed: true }])
    t.same(readdirSync(join(home, 'pieces')), [])
    if (!isComplete) await cache.close()
  }
})

test('a frame that a crash tore at the end of a slab is no damage', async (t) => {
  const home = directory(t)
  const cache = await MemoryOverDiskCache.open(home, { memoryBytes: 0, reserveBytes: 0 })
  t.teardown(() => cache.close())
  await keep(cache, [piece(1), piece(2)])
  const path = join(home, 'pieces')
  const file = join(path, readdirSync(path)[0]!)
  writeFileSync(file, readFileSync(file).subarray(0, -10))
  t.match(await checkCache(home, codec, { remove: true }), { pieces: 1, damaged: [] })
})

test('whole packs are compared with their own index', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'file', noise(300_000, 1))
  await here.commit()
  const { blob } = here.worktree.base!.self
  for (const at of [undefined, 1000, -3, -100]) {
    const home = directory(t)
    mkdirSync(join(home, 'packs'))
    const bytes = Buffer.from(desk.network.contents.get(blob)!)
    writeFileSync(join(home, 'packs', `0000000000001-${blob}.pack`), bytes)
    if (at !== undefined) flip(join(home, 'packs'), at < 0 ? bytes.length + at : at)
    const found = await checkCache(home, codec, { remove: false })
    t.equal(found.damaged.length, at === undefined ? 0 : 1, `byte ${at}`)
    if (at === undefined) t.ok(found.pieces > 2)
  }
})

test('no cache is an empty one', async (t) => {
  const found = await checkCache(join(directory(t), 'none'), codec, { remove: true })
  t.match(found, { files: 0, pieces: 0, damaged: [] })
})

test('a pack of another key is left alone, and one of ours is looked into', async (t) => {
  const desk = new Desk(t, 1 << 20, true)
  const here = await desk.sit()
  await write(here, 'file', noise(200_000, 1))
  await here.commit()
  await here.leave()
  const home = join(desk.ground.home, 'cache')
  const ours = openPieceCodec({ key: desk.keys!.pieces })
  const others = [codec, openPieceCodec({ key: randomBytes(32) })]
  t.match(await checkCache(home, ours, { remove: false }), { files: 1, damaged: [] })
  for (const other of others) {
    const found = await checkCache(home, other, { remove: true })
    t.match(found, { files: 1, pieces: 0, damaged: [] })
  }
  flip(join(home, 'packs'), 1000)
  t.match((await checkCache(home, ours, { remove: true })).damaged, [{ removed: true }])
})
