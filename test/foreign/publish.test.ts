import { test } from 'tap'
import { contentTypeOf } from '../../src/foreign/publish/content-types.ts'
import { FitError, makeQuilt } from '../../src/foreign/publish/make-quilts.ts'
import { planQuilts, TooLargeError } from '../../src/foreign/publish/plan-quilts.ts'
import { maxBlobBytes } from '../../src/redstuff/parameters.ts'

const file = (path: string, bytes: number) => ({ path, bytes })

test('a quilt holds as many files as there are columns but one', async (t) => {
  const files = Array.from({ length: 50 }, (_, i) => file(`f${String(i).padStart(2, '0')}`, 10))
  const quilts = planQuilts(files.toReversed(), 32)
  t.same(
    quilts.map((quilt) => quilt.length),
    [21, 21, 8],
  )
  t.same(quilts.flat(), files, 'in the order of their paths')
  for (const quilt of quilts) {
    const loaded = quilt.map(({ path }) => ({
      path,
      contents: Buffer.alloc(10, 1),
      tags: { a: 'b' },
    }))
    t.equal(makeQuilt(loaded, 32).places.size, quilt.length)
  }
})

test('a quilt does not become too large', async (t) => {
  const most = maxBlobBytes(13)
  const files = Array.from({ length: 8 }, (_, i) => file(`f${i}`, Math.floor(most / 4)))
  t.same(
    planQuilts(files, 13).map((quilt) => quilt.length),
    [3, 3, 2],
  )
  t.throws(() => planQuilts([file('large', most)], 13), TooLargeError)
  t.same(planQuilts([], 13), [])
})

test('files that do not fit together are told by a kind of error', async (t) => {
  const files = Array.from({ length: 9 }, (_, i) => ({
    path: `f${i}`,
    contents: Buffer.alloc(100_000),
    tags: {},
  }))
  t.throws(() => makeQuilt(files, 4), FitError)
  const wide = [100, 100, 2_000_000].map((bytes, i) => ({
    path: `f${i}`,
    contents: Buffer.alloc(bytes),
    tags: {},
  }))
  t.throws(() => makeQuilt(wide, 7), FitError)
})

test('types go by the ending', async (t) => {
  t.equal(contentTypeOf('a/b.HTML'), 'text/html; charset=utf-8')
  t.equal(contentTypeOf('x.tar.gz'), 'application/gzip')
  for (const path of ['a', 'a.b/c', '.html/x', 'x.constructor', 'x.', '']) {
    t.equal(contentTypeOf(path), 'application/octet-stream', path)
  }
})
