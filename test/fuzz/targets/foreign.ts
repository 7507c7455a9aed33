import { bcs } from '@mysten/sui/bcs'
import { encodeQuilt } from '@mysten/walrus'
import { AttributeMaker } from '../../../src/foreign/attributes-of.ts'
import { ListingError } from '../../../src/foreign/listing.ts'
import { placeFiles } from '../../../src/foreign/place-files.ts'
import {
  indexLength,
  indexPrefixBytes,
  parseIndex,
  parsePatchPlace,
  patchContent,
} from '../../../src/foreign/quilt/quilt-format.ts'
import {
  encodingOf,
  parseResource,
  parseSite,
  partOf,
  patchOf,
} from '../../../src/foreign/site/site-format.ts'
import { parseSiteReference } from '../../../src/foreign/site/site-reference.ts'
import { maxNameBytes } from '../../../src/terms/name.ts'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { resourceBytes } from '../../foreign/resource-bytes.ts'
import { expect } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const shards = 13

/** A quilt of the official encoder, column after column. */
function quilt(): Buffer {
  const blobs = [
    { identifier: 'a/b', contents: Buffer.from('first'), tags: { 'content-type': 'text/plain' } },
    { identifier: 'a', contents: Buffer.from('second') },
    { identifier: '../ä', contents: Buffer.alloc(0) },
  ]
  const { quilt: bytes } = encodeQuilt({ blobs, numShards: shards, encodingType: 'RS2' })
  const code = codeParameters(shards, bytes.length)
  const { primarySymbols, secondarySymbols, symbolBytes, primarySliverBytes } = code
  const cells: Uint8Array[] = []
  for (let column = 0; column < secondarySymbols; column++) {
    for (let row = 0; row < primarySymbols; row++) {
      const from = row * primarySliverBytes + column * symbolBytes
      cells.push(bytes.subarray(from, from + symbolBytes))
    }
  }
  return Buffer.concat(cells)
}

/** Every path can be a path, and no two are the same. */
export function checkPlaces(files: readonly { readonly path: string }[]): void {
  const paths = placeFiles(files).map(({ directory, name }) => [...directory, name])
  for (const name of paths.flat()) {
    expect(name.length > 0 && name.length <= maxNameBytes, 'a name has a length')
    expect(!/[/\0]/.test(name) && name !== '.' && name !== '..', 'a name can be one')
  }
  const texts = new Set(paths.map((path) => path.join('/')))
  expect(texts.size === files.length, 'names are apart')
  for (const path of paths) {
    for (let depth = 1; depth < path.length; depth++) {
      expect(!texts.has(path.slice(0, depth).join('/')), 'no directory is a file')
    }
  }
}

/** A byte that says which; then a quilt's columns, or where a patch is. */
export const foreignQuilt: FuzzTarget = {
  name: 'foreign-quilt',
  refusals: [ListingError],
  tries: 3000,
  seeds: () => [
    Buffer.concat([Buffer.of(0), quilt()]),
    Buffer.concat([Buffer.of(1), Buffer.from('0x0101000300')]),
  ],
  memory: (input) => 256 * 1024 + 64 * input.length,
  decode: async (input) => {
    if (input.length === 0) return
    const bytes = input.subarray(1)
    if (input[0] === 1) {
      const { start, end } = parsePatchPlace(bytes.toString('latin1'))
      expect(start < end && end <= 0xffff, 'columns can be')
      return
    }
    const columns = 9
    const columnBytes = Math.max(1, Math.floor(bytes.length / columns))
    const length = indexLength(bytes.subarray(0, indexPrefixBytes), columnBytes)
    const index = bytes.subarray(indexPrefixBytes, indexPrefixBytes + length)
    const patches = parseIndex(index, { columns, columnBytes })
    checkPlaces(patches.map(({ identifier }) => ({ path: identifier })))
    for (const { start, end } of patches) {
      const first = start * columnBytes
      const capacity = (end - start) * columnBytes
      const { offset, length: size } = await patchContent(capacity, async (at, count) =>
        bytes.subarray(first + at, first + at + count),
      )
      expect(offset >= 0 && size >= 0 && offset + size <= capacity, 'content lies in its columns')
    }
  },
}

/** A byte that says which; then a resource of a Walrus Site, or how a site is named. */
export const foreignSite: FuzzTarget = {
  name: 'foreign-site',
  refusals: [ListingError],
  tries: 3000,
  seeds: () => [
    Buffer.concat([Buffer.of(0), resourceBytes({ range: [1, 9] })]),
    Buffer.concat([Buffer.of(0), resourceBytes({ path: '/a//b/../c', headers: [] })]),
    Buffer.concat([Buffer.of(1), Buffer.alloc(32), bcs.string().serialize('my site').toBytes()]),
    Buffer.concat([
      Buffer.of(2),
      Buffer.from('46f3881sp4r55fc6pcao9t93bieeejl4vr4k2uv8u4wwyx1a93'),
    ]),
    Buffer.concat([Buffer.of(2), Buffer.from('docs.wal.sui')]),
  ],
  memory: (input) => 256 * 1024 + 64 * input.length,
  decode: (input) => {
    if (input.length === 0) return
    const bytes = input.subarray(1)
    if (input[0] === 2) {
      const found = parseSiteReference(bytes.toString('latin1'))
      expect(typeof found === 'string' ? found.length === 66 : found.name.length > 0, 'it leads on')
      return
    }
    if (input[0] === 1) {
      expect(parseSite(bytes).name.length <= bytes.length, 'a name lies in the object')
      return
    }
    const resource = parseResource(bytes)
    checkPlaces([resource, { path: `${resource.path}/x` }, { path: resource.path.slice(1) }])
    encodingOf(resource)
    const made = new AttributeMaker().make(resource.headers)
    for (const [name, value] of made ?? []) {
      expect(name.length <= 255 && value.length <= 65_536, 'the kernel takes it')
    }
    const place = patchOf(resource)
    if (place !== undefined) parsePatchPlace(place)
    const { offset, length } = partOf(resource.range, 1000)
    expect(offset >= 0 && length >= 0 && offset + length <= 1000, 'a part lies in its whole')
  },
}
