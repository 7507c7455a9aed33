import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'tap'
import { DriveReader, type Inode, type RootPlace } from './drive-reader.ts'

const fixture = resolve(import.meta.dirname, '../fixtures/formats/public-1')
const kept = <T>(name: string) => JSON.parse(readFileSync(join(fixture, name), 'utf8')) as T

interface KeptManifest {
  readonly root: RootPlace
  readonly inline: readonly string[]
}

const chunkBytes = 1 << 20

const blobOf = (id: string) => readFileSync(join(fixture, `${id}.pack`))

function openFixture(blobs = blobOf): DriveReader {
  const { root, inline } = kept<KeptManifest>('manifest.json')
  return new DriveReader(
    root,
    inline.map((record) => Buffer.from(record, 'base64')),
    blobs,
  )
}

function* walk(drive: DriveReader, inode: Inode, path: string): Generator<[string, Inode]> {
  yield [path || '/', inode]
  if ((inode.mode & 0o170000) !== 0o040000) return
  for (const [name, child] of drive.list(inode)) yield* walk(drive, child, `${path}/${name}`)
}

/** As the fixture has it. */
function shown({ mode, nlink, size, mtime, target, xattrs, extents }: Inode): unknown {
  return {
    mode,
    nlink,
    size,
    mtime,
    ...(target !== undefined && { target }),
    ...(Object.keys(xattrs).length > 0 && { xattrs }),
    ...(extents && { data: summed(size, extents) }),
  }
}

/** Of each mebibyte in which something lies. */
function summed(size: number, extents: NonNullable<Inode['extents']>): unknown {
  const chunks = new Map<number, Buffer>()
  for (const { start, bytes } of extents) {
    bytes().forEach((byte, at) => {
      const offset = start + at - ((start + at) % chunkBytes)
      const chunk = chunks.get(offset) ?? Buffer.alloc(Math.min(chunkBytes, size - offset))
      chunks.set(offset, chunk)
      chunk[start + at - offset] = byte
    })
  }
  const sum = createHash('sha256')
  for (const [offset, chunk] of chunks) sum.update(`${offset}:`).update(chunk)
  const bytes = [...chunks.values()].reduce((total, chunk) => total + chunk.length, 0)
  return { bytes, sha256: sum.digest('hex') }
}

test('the format pages are enough to read a drive', async (t) => {
  const drive = openFixture()
  const found = Object.fromEntries(
    [...walk(drive, drive.root, '')].map(([path, inode]) => [
      Buffer.from(path).toString('latin1'),
      shown(inode),
    ]),
  )
  t.same(found, kept('expected.json'))
})

test('a byte that is another is noticed', async (t) => {
  const spoiled = (id: string) => {
    const bytes = blobOf(id)
    bytes[1000]! ^= 1
    return bytes
  }
  const drive = openFixture(spoiled)
  t.throws(
    () => [...walk(drive, drive.root, '')].map(([, inode]) => shown(inode)),
    /not what was stored/,
  )
})
