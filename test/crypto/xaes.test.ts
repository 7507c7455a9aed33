import { shake128 } from '@noble/hashes/sha3.js'
import { test } from 'tap'
import { Xaes } from '../../src/crypto/xaes.ts'

/** https://c2sp.org/XAES-256-GCM, test vectors. */
const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
const message = Buffer.from('XAES-256-GCM')

test('the vectors of the specification come out', async (t) => {
  const first = new Xaes(Buffer.alloc(32, 1)).seal(nonce, Buffer.alloc(0), message)
  t.equal(
    first.subarray(24).toString('hex'),
    'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271',
  )
  const additional = Buffer.from('c2sp.org/XAES-256-GCM')
  const second = new Xaes(Buffer.alloc(32, 3)).seal(nonce, additional, message)
  t.equal(
    second.subarray(24).toString('hex'),
    '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
  )
  t.same(new Xaes(Buffer.alloc(32, 3)).open(additional, second), message)
})

test('ten thousand messages of the specification’s generator come out', async (t) => {
  const random = shake128.create({ dkLen: 32 })
  const sum = shake128.create({ dkLen: 32 })
  for (let i = 0; i < 10_000; i++) {
    const [key, one] = [random.xof(32), random.xof(24)]
    const plain = random.xof(random.xof(1)[0]!)
    const additional = random.xof(random.xof(1)[0]!)
    const xaes = new Xaes(key)
    const sealed = xaes.seal(one, additional, plain)
    sum.update(sealed.subarray(24))
    if (Buffer.compare(xaes.open(additional, sealed) ?? nonce, plain) !== 0) t.fail('does not open')
  }
  t.equal(
    Buffer.from(sum.digest()).toString('hex'),
    'e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939',
  )
})

test('another key, another place, a changed or a short message do not open', async (t) => {
  const xaes = new Xaes(Buffer.alloc(32, 1))
  const sealed = xaes.seal(nonce, Buffer.from('here'), message)
  t.equal(xaes.open(Buffer.from('there'), sealed), undefined)
  t.equal(new Xaes(Buffer.alloc(32, 2)).open(Buffer.from('here'), sealed), undefined)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1
    t.equal(xaes.open(Buffer.from('here'), changed), undefined)
  }
  t.equal(xaes.open(Buffer.from('here'), sealed.subarray(0, 39)), undefined)
})
