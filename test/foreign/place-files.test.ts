import { test } from 'tap'
import { ListingError } from '../../src/foreign/listing.ts'
import { placeFiles } from '../../src/foreign/place-files.ts'

/** Where each path goes, in the order given. */
function placesOf(...paths: string[]): Record<string, string> {
  const placed = placeFiles(paths.map((path) => ({ path })))
  const found = placed.map(({ file, directory, name }) => [
    file.path,
    [...directory, name].join('/'),
  ])
  return Object.fromEntries(found) as Record<string, string>
}

test('usual paths stay as they are', async (t) => {
  t.same(placesOf('a', 'b/c', 'ä b', 'd\nd'), {
    a: 'a',
    'b/c': 'b/c',
    'ä b': 'ä b',
    'd\nd': 'd\nd',
  })
})

test('what no file system can have becomes what it can', async (t) => {
  t.same(placesOf('/lead', 'a//b', './c', 'd/.', '', '/'), {
    '/lead': 'lead',
    'a//b': 'a/b',
    './c': 'c',
    'd/.': 'd',
    '': '_',
    '/': '_~1',
  })
  t.same(placesOf('../../etc/passwd', 'a/..'), {
    '../../etc/passwd': '%2E%2E/%2E%2E/etc/passwd',
    'a/..': 'a/%2E%2E',
  })
  t.same(placesOf('nul\0nul'), { 'nul\0nul': 'nul%00nul' })
})

test('long names are cut, and stay apart', async (t) => {
  const [one, other] = [`${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`]
  const places = placesOf(one, other)
  t.equal(places[one]!.length, 255)
  t.match(places[one]!, /^x{238}~[0-9a-f]{16}$/)
  t.not(places[one], places[other])
  // Each 'ä' is two bytes: none is cut in two.
  const wide = Buffer.from('ä'.repeat(200)).toString('latin1')
  const name = Buffer.from(placesOf(wide)[wide]!, 'latin1')
  t.equal(name.toString('utf8').includes('\ufffd'), false)
})

test('who shares a name: the directory, then the exact path, then the order of the bytes', async (t) => {
  t.same(placesOf('a', 'a/b'), { a: 'a~1', 'a/b': 'a/b' })
  t.same(placesOf('/a', 'a', '//a', './a'), { a: 'a', './a': 'a~1', '//a': 'a~2', '/a': 'a~3' })
  t.same(placesOf('a~1', '/a', 'a'), { 'a~1': 'a~1', a: 'a', '/a': 'a~2' })
})

test('the order in which files are listed changes nothing', async (t) => {
  const paths = ['/a', 'a', 'a/b', 'a//b', 'c/', 'c', 'x'.repeat(300), '', '/']
  t.same(placesOf(...paths.toReversed()), placesOf(...paths))
})

test('very deep paths do not make very many directories', async (t) => {
  const deep = Array.from({ length: 30_000 }, () => 'd').join('/')
  const [placed] = placeFiles([{ path: deep }])
  t.equal(placed!.directory.length, 64)
  t.equal(placed!.name.length, 255)
})

test('a hundred thousand files that all want one name get it in time', async (t) => {
  const files = Array.from({ length: 100_000 }, (_, i) => ({
    path: `${'/'.repeat(i % 300)}${'./'.repeat(i / 300)}n`,
  }))
  const started = performance.now()
  const placed = placeFiles(files)
  t.equal(new Set(placed.map(({ name }) => name)).size, files.length)
  t.ok(performance.now() - started < 20_000)
})

test('too many files are refused', async (t) => {
  const many = { length: 1_000_001 } as unknown as readonly { path: string }[]
  t.throws(() => placeFiles(many), ListingError)
  const wide = Array.from({ length: 16_000 }, (_, i) => ({ path: `${i}/${'d/'.repeat(63)}f` }))
  t.throws(() => placeFiles(wide), ListingError)
})
