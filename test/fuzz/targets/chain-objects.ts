import { bcs } from '@mysten/sui/bcs'
import {
  hashToU256,
  parseCapability,
  parseCommitted,
  parseManifest,
  parseSnapshot,
  parseUpgradeCapability,
} from '../../../src/manifest/layouts.ts'
import { ManifestError } from '../../../src/manifest/manifest.ts'
import type { ManifestRoot } from '../../../src/manifest/manifest.ts'
import { nodeOrigin } from '../../../src/store/nodes/committee.ts'
import { StoreError } from '../../../src/store/blob-store.ts'
import {
  parseBlobObject,
  parsePool,
  parseStorage,
} from '../../../src/store/chain/walrus-layouts.ts'
import { blobIdToU256 } from '../../../src/terms/blob-id.ts'
import { parseObjectId } from '../../../src/terms/object-id.ts'
import { numberedRoot } from '../../manifest/manifest-suite.ts'
import { expect } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const id = (number: number) => bcs.Address.serialize(parseObjectId(String(number)))
const u64 = (value: number | bigint) => bcs.u64().serialize(value)
const join = (...parts: readonly { toBytes(): Uint8Array }[]) =>
  Buffer.concat(parts.map((part) => part.toBytes()))

const root = numberedRoot(5)
const rootBytes = bcs
  .bytes(102)
  .serialize(
    join(
      bcs.u16().serialize(root.format),
      bcs.u256().serialize(blobIdToU256(root.blob)),
      u64(root.offset),
      u64(root.length),
      bcs.u256().serialize(hashToU256(root.hash)),
      u64(root.usedBytes),
      u64(root.usedInodes),
      bcs.u32().serialize(root.endEpoch),
    ),
  )
const records = bcs.vector(bcs.byteVector()).serialize([Uint8Array.of(1, 2), Uint8Array.of(3)])
const name = bcs.string().serialize('Laufwerk ä')

const manifest = join(
  id(1),
  u64(1),
  u64(9),
  u64(7),
  bcs.bool().serialize(false),
  rootBytes,
  records,
  u64(3),
  id(2),
  bcs.vector(bcs.Address).serialize([parseObjectId('2')]),
  id(3),
  u64(77),
  name,
)
const snapshot = join(id(1), id(2), u64(1), u64(9), rootBytes, records, name)
const blob = join(
  id(1),
  bcs.u32().serialize(1),
  bcs.u256().serialize(9n),
  u64(1000),
  bcs.u8().serialize(1),
  bcs.option(bcs.u32()).serialize(2),
  id(2),
  bcs.u32().serialize(1),
  bcs.u32().serialize(9),
  u64(99),
  bcs.bool().serialize(true),
)
const storage = join(id(1), bcs.u32().serialize(1), bcs.u32().serialize(9), u64(99))
const pool = join(
  id(1),
  bcs.u8().serialize(0),
  u64(1),
  u64(2),
  u64(3),
  bcs.string().serialize('node'),
  id(2),
  bcs.string().serialize('node.example:443'),
  bcs.byteVector().serialize(new Uint8Array(48)),
)

function checkRoot(found: ManifestRoot | undefined): void {
  if (!found) return
  const { blob, hash, offset, length, usedBytes, usedInodes } = found
  expect(blob.length === 43 && hash.length === 43, 'ids can be')
  for (const number of [offset + length, usedBytes, usedInodes]) {
    expect(Number.isSafeInteger(number), 'numbers of a root can be')
  }
}

const parsers: readonly (readonly [seed: Buffer, parse: (bytes: Buffer) => void])[] = [
  [
    manifest,
    (bytes) => {
      const state = parseManifest(bytes, '')
      checkRoot(state.root)
      expect(state.sequence >= 0n && state.rootSequence >= 0n, 'sequences can be')
    },
  ],
  [
    snapshot,
    (bytes) => {
      const state = parseSnapshot(bytes, '')
      checkRoot(state.root)
      expect(state.sequence >= 0n && state.rootSequence >= 0n, 'sequences can be')
    },
  ],
  [join(id(1), id(2)), (bytes) => void parseCapability(bytes)],
  [join(id(1), u64(9), rootBytes, id(3)), (bytes) => checkRoot(parseCommitted(bytes).root)],
  [
    join(id(1), id(2), u64(1), bcs.u8().serialize(0)),
    (bytes) => void parseUpgradeCapability(bytes),
  ],
  [blob, (bytes) => expect(Number.isSafeInteger(parseBlobObject(bytes).bytes), 'a size can be')],
  [storage, (bytes) => expect(Number.isSafeInteger(parseStorage(bytes).bytes), 'a size can be')],
  [
    pool,
    (bytes) => {
      const found = parsePool(bytes)
      const origin = found && nodeOrigin('http', found.address)
      expect(!origin || URL.canParse(origin), 'an origin can be')
    },
  ],
]

/** A byte that says what it is; contents of a Move object or event. */
export const chainObjects: FuzzTarget = {
  name: 'chain-objects',
  tries: 1500,
  refusals: [ManifestError, StoreError],
  seeds: () => parsers.map(([seed], at) => Buffer.concat([Buffer.from([at]), seed])),
  memory: (input) => 64 * 1024 + 64 * input.length,
  decode: (input) => {
    if (input.length > 0) parsers[input[0]! % parsers.length]![1](input.subarray(1))
  },
}
