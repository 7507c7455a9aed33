import { bls12_381 } from '@noble/curves/bls12-381.js'
import fc from 'fast-check'
import { test } from 'tap'
import { silentLog } from '../../src/runtime/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { encodedBytes, storageUnits } from '../../src/store/encoded-size.ts'
import { committeeOf } from '../../src/store/nodes/committee.ts'
import type { StorageNode } from '../../src/store/nodes/committee.ts'
import { NodeHealthBook } from '../../src/store/nodes/node-health.ts'
import { reusableBlob } from '../../src/store/reuse.ts'
import { confirmationMessage, epochOfMessage } from '../../src/store/write/confirmation-message.ts'
import { Quorum } from '../../src/store/write/quorum.ts'
import { Signatures } from '../../src/store/write/signatures.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

const blobId = blobIdFromBytes(new Uint8Array(32).fill(0xab))
const object = parseObjectId('0x1234')

test('what a node signs, byte by byte', async (t) => {
  const permanent = Buffer.from(confirmationMessage(0x01020304, blobId, undefined))
  t.equal(permanent.toString('hex'), `01000304030201${'ab'.repeat(32)}00`)
  const deletable = Buffer.from(confirmationMessage(7, blobId, object))
  t.equal(deletable.toString('hex'), `01000307000000${'ab'.repeat(32)}01${'00'.repeat(30)}1234`)
})

test('the epoch of a message is read only from the very message that was expected', async (t) => {
  const expected = confirmationMessage(5, blobId, object)
  await fc.assert(
    fc.asyncProperty(fc.nat(2 ** 32 - 1), async (epoch) => {
      return epochOfMessage(confirmationMessage(epoch, blobId, object), expected) === epoch
    }),
  )
  for (let at = 0; at < expected.length; at++) {
    const other = Uint8Array.from(expected)
    other[at]! ^= 1
    const isEpoch = at >= 3 && at < 7
    t.equal(epochOfMessage(other, expected) === undefined, !isEpoch, `byte ${at}`)
  }
  t.equal(epochOfMessage(expected.subarray(1), expected), undefined)
  t.equal(epochOfMessage(confirmationMessage(5, blobId, undefined), expected), undefined)
})

const scheme = bls12_381.longSignatures
const domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'

class Signer {
  readonly node: StorageNode
  readonly #secret: bigint

  constructor(index: number, shards: readonly number[]) {
    this.#secret = BigInt(index + 3)
    const publicKey = bls12_381.G1.Point.BASE.multiplyUnsafe(this.#secret).toBytes(true)
    const [id, name, url] = [parseObjectId(String(index + 1)), `node-${index}`, '']
    this.node = { id, index, name, url, publicKey, shards }
  }

  sign(message: Uint8Array): Uint8Array {
    return scheme.hash(message, domain).multiplyUnsafe(this.#secret).toBytes(true)
  }
}

test('signatures are combined, and the bad ones named', async (t) => {
  const signatures = new Signatures()
  t.teardown(() => signatures.close())
  const message = confirmationMessage(1, blobId, object)
  const signers = [0, 1, 2].map((index) => new Signer(index, [index]))
  const keys = signers.map(({ node }) => node.publicKey)
  const good = signers.map((signer) => signer.sign(message))
  const job = { keys, message, signatures: good }
  const { signature, bad } = await signatures.combine(job)
  t.same(bad, [])
  const whole = scheme.aggregateSignatures(good).toBytes(true)
  t.ok(Buffer.from(whole).equals(signature!))

  const wrong = [good[0]!, signers[1]!.sign(new Uint8Array(1)), new Uint8Array(96)]
  t.same(await signatures.combine({ ...job, signatures: wrong }), {
    signature: undefined,
    bad: [1, 2],
  })
})

test('a quorum is reached by weight, without the liars', async (t) => {
  const signatures = new Signatures()
  t.teardown(() => signatures.close())
  const health = new NodeHealthBook(systemClock, silentLog)
  // 10 shards: 7 are a quorum. One node has half of all.
  const sizes = [[0, 1, 2, 3, 4], [5, 6], [7, 8], [9]]
  const signers = sizes.map((shards, index) => new Signer(index, shards))
  const committee = committeeOf(
    1,
    10,
    signers.map(({ node }) => node),
  )
  const message = confirmationMessage(1, blobId, object)
  const quorum = () => new Quorum(blobId, committee, message, signatures, health)
  const [large, two, other, one] = signers as [Signer, Signer, Signer, Signer]

  const plain = quorum()
  t.equal(await plain.add(one.node, one.sign(message)), undefined)
  t.equal(await plain.add(two.node, two.sign(message)), undefined)
  const certificate = await plain.add(large.node, large.sign(message))
  t.same(certificate?.signers, [0, 1, 3], 'in the order of the committee')

  const lied = quorum()
  await lied.add(two.node, large.sign(message))
  t.equal(await lied.add(large.node, large.sign(message)), undefined, 'the liar is found out')
  t.notOk(lied.hopeless)
  t.equal(health.view().find(({ name }) => name === two.node.name)?.state, 'lying')
  t.same((await lied.add(other.node, other.sign(message)))?.signers, [0, 2])

  const hasty = quorum()
  const added = await Promise.all([
    hasty.add(one.node, new Uint8Array(96)),
    hasty.add(two.node, two.sign(message)),
    hasty.add(large.node, large.sign(message)),
    hasty.add(other.node, other.sign(message)),
  ])
  t.ok(
    added.some((made) => made && !made.signers.includes(one.node.index)),
    'also when all sign while the first are being checked',
  )

  const lost = quorum()
  lost.lose(one.node)
  lost.lose(two.node)
  t.notOk(lost.hopeless, 'seven are left')
  lost.lose(other.node)
  t.ok(lost.hopeless)
  await lost.add(two.node, two.sign(message))
  t.notOk(lost.hopeless, 'one has changed its mind')
})

test('what is paid for', async (t) => {
  t.equal(encodedBytes(1000, 1), 66_034_000, 'the smallest blob on the public networks')
  t.equal(storageUnits(encodedBytes(1000, 1)), 63n)
  t.equal(storageUnits(1 << 20), 1n)
  t.equal(storageUnits((1 << 20) + 1), 2n)
  t.throws(() => encodedBytes(4, 393_205), { code: 'too-large' })
})

test('which blob object is taken instead of a new one', async (t) => {
  const owned = (name: string, certified: boolean, endEpoch: number) => ({
    blobId,
    objectId: parseObjectId(name),
    bytes: 1,
    registeredEpoch: 1,
    certified,
    deletable: true,
    endEpoch,
  })
  const all = [owned('1', false, 30), owned('2', true, 20), owned('3', true, 25)]
  t.equal(reusableBlob(all, blobId, 10, 10)?.objectId, parseObjectId('3'), 'certified, longest')
  t.equal(reusableBlob(all, blobId, 10, 40)?.objectId, parseObjectId('1'), 'if it lasts')
  t.equal(reusableBlob(all, blobId, 10, 41), undefined, 'at least half of what is wanted')
  t.equal(reusableBlob(all, blobIdFromBytes(new Uint8Array(32)), 10, 1), undefined)
})
