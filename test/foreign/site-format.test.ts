import { bcs } from '@mysten/sui/bcs'
import { test } from 'tap'
import { ListingError } from '../../src/foreign/listing.ts'
import {
  encodingOf,
  parseResource,
  parseSite,
  partOf,
  patchOf,
} from '../../src/foreign/site/site-format.ts'
import { parseSiteReference } from '../../src/foreign/site/site-reference.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { resourceBytes } from './resource-bytes.ts'

test('reads a resource', async (t) => {
  const resource = parseResource(
    resourceBytes({
      headers: [
        ['Content-Encoding', ' GZip '],
        ['x-wal-quilt-patch-internal-id', '0x1'],
      ],
      range: [5, null],
    }),
  )
  t.equal(resource.path, '/index.html')
  t.equal(encodingOf(resource), 'gzip')
  t.equal(patchOf(resource), '0x1')
  t.same(resource.range, { start: 5, end: undefined })
  t.equal(resource.blob.length, 43)
})

test('refuses what is no resource', async (t) => {
  const whole = resourceBytes({})
  for (let length = 0; length < whole.length; length++) {
    t.throws(() => parseResource(whole.subarray(0, length)), ListingError)
  }
  t.throws(() => parseResource(Buffer.concat([whole, Buffer.of(0)])), ListingError)
  t.throws(() => parseResource(resourceBytes({ range: [null, null] })), ListingError)
  t.throws(() => parseResource(resourceBytes({ range: [2n ** 63n, null] })), ListingError)
})

test('a range is what HTTP means by it', async (t) => {
  const of = (start: number | undefined, end: number | undefined) => partOf({ start, end }, 100)
  t.same(partOf(undefined, 100), { offset: 0, length: 100 })
  t.same(of(0, 0), { offset: 0, length: 1 })
  t.same(of(10, 99), { offset: 10, length: 90 })
  t.same(of(10, undefined), { offset: 10, length: 90 })
  t.same(of(undefined, 10), { offset: 90, length: 10 })
  for (const [start, end] of [
    [0, 100],
    [100, undefined],
    [5, 4],
    [undefined, 101],
    [undefined, 0],
  ] as const) {
    t.throws(() => of(start, end), ListingError, `${start} to ${end}`)
  }
})

test('the name of a site is read, whatever the version of its package', async (t) => {
  const id = bcs.Address.serialize(parseObjectId('7')).toBytes()
  const name = bcs.string().serialize('my site').toBytes()
  t.same(parseSite(Buffer.concat([id, name])), { id: parseObjectId('7'), name: 'my site' })
  t.equal(parseSite(Buffer.concat([id, name, Buffer.alloc(5)])).name, 'my site')
})

test('a site is named by its id in two forms, or by a name', async (t) => {
  const id = `0x${'1f'.repeat(32)}`
  t.equal(parseSiteReference(id), id)
  t.equal(parseSiteReference(BigInt(id).toString(36)), id)
  const landing = parseSiteReference('46f3881sp4r55fc6pcao9t93bieeejl4vr4k2uv8u4wwyx1a93')
  t.match(landing, /^0x[0-9a-f]{64}$/)
  t.same(parseSiteReference('docs'), { name: 'docs.sui' })
  t.same(parseSiteReference('docs.wal.sui'), { name: 'docs.wal.sui' })
  t.same(parseSiteReference('me@docs'), { name: 'me@docs' })
  t.same(parseSiteReference('@docs'), { name: '@docs' })
  for (const text of ['0xyz', `0x${'1'.repeat(65)}`, 'z'.repeat(50), 'a..', 'A', '']) {
    t.throws(() => parseSiteReference(text), ListingError, text)
  }
})
