import fc from 'fast-check'
import type { PackLife } from '../../src/renewal/pack-life.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

/** What a made-up pack is like. */
export interface PackFacts {
  readonly units?: number
  readonly endEpoch: number
  /** @default ours */
  readonly whose?: 'ours' | 'theirs' | 'nobody'
}

let made = 0

/** A pack of its own blob. */
export function pack({ units = 66, endEpoch, whose = 'ours' }: PackFacts): PackLife {
  const id = Buffer.alloc(32)
  id.writeUInt32BE(++made)
  const blob = blobIdFromBytes(id)
  const bytes = units << 17
  const object = {
    blobId: blob,
    objectId: parseObjectId(id.toString('hex')),
    bytes,
    registeredEpoch: 1,
    certified: true,
    deletable: true,
    endEpoch,
    ours: whose === 'ours',
  }
  return { blob, object: whose === 'nobody' ? undefined : object, bytes, units, endEpoch }
}

const facts = fc.record({
  units: fc.integer({ min: 1, max: 400 }),
  endEpoch: fc.integer({ min: 90, max: 125 }),
  whose: fc.constantFrom('ours' as const, 'ours' as const, 'ours' as const, 'theirs' as const),
})

/** Drives around epoch 100. */
export const drives = fc.array(facts, { maxLength: 40 }).map((all) => all.map(pack))

export const policies = fc.record({
  marginEpochs: fc.integer({ min: 1, max: 6 }),
  epochs: fc.integer({ min: 1, max: 20 }),
})

export const prices = fc.bigInt({ min: 1n, max: 100_000n })
