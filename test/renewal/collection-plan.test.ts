import { test } from 'tap'
import { maxBlobBytes } from '../../src/redstuff/parameters.ts'
import { planCollection, type CollectionFacts } from '../../src/renewal/collection-plan.ts'
import type { PackLife } from '../../src/renewal/pack-life.ts'
import { encodedBytes, storageUnits } from '../../src/store/encoded-size.ts'
import { pack } from './packs.ts'

const policy = { repackBelow: 0.5, uploadEpochs: 2, epochs: 5 }

/** A drive of packs of which so many bytes each are live. */
function factsOf(packs: readonly PackLife[], live: number, shards: number): CollectionFacts {
  return {
    epoch: 1,
    storagePrice: 10n,
    writePrice: 20n,
    shards,
    packBytes: Math.min(64 << 20, maxBlobBytes(shards)),
    packs,
    needs: {
      needed: () => true,
      live: new Map(packs.map(({ blob }) => [blob, live])),
      snapshots: 1,
      broken: 0,
    },
    others: new Set(),
    owned: [],
    spare: [],
    uploading: new Set(),
  }
}

for (const { shards, count, packBytes } of [
  { shards: 35, count: 12, packBytes: 18 << 20 },
  { shards: 1000, count: 800, packBytes: 64 << 20 },
]) {
  test(`what is written anew may be more than one blob of ${shards} shards holds`, async (t) => {
    const units = Number(storageUnits(encodedBytes(shards, packBytes)))
    const packs = Array.from({ length: count }, () => {
      return { ...pack({ units, endEpoch: 20 }), bytes: packBytes }
    })
    const live = Math.floor(0.3 * packBytes)
    const facts = factsOf(packs, live, shards)
    const plan = planCollection(facts, policy)
    t.ok(plan.repackBytes > maxBlobBytes(shards), `${plan.repackBytes} bytes`)
    t.equal(plan.repacked.length, count)
    const least = Math.ceil(plan.repackBytes / facts.packBytes)
    const perPack = Number(storageUnits(encodedBytes(shards, facts.packBytes)))
    t.ok(plan.newUnits > (least - 1) * perPack && plan.newUnits <= (least + 1) * perPack)
    t.equal(plan.cost, BigInt(plan.newUnits) * 70n)
    t.ok(plan.newUnits < plan.repackedUnits, 'and fewer are paid for')
  })
}

test('what no drive names is not ours to delete where some drive cannot be read', async (t) => {
  const stray = pack({ units: 1, endEpoch: 20 })
  const owned = [
    {
      ...stray.object!,
      blobId: stray.blob,
      bytes: 1000,
      certified: true,
      deletable: true,
      registeredEpoch: 0,
    },
  ]
  const facts = { ...factsOf([], 0, 35), epoch: 5, owned } as unknown as CollectionFacts
  t.equal(planCollection(facts, policy).strays.length, 1)
  t.equal(planCollection({ ...facts, isKnown: false }, policy).strays.length, 0)
})
