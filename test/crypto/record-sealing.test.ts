import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { PieceCodingError } from '../../src/crypto/piece-codec.ts'
import { recordSealBytes, RecordSealer } from '../../src/crypto/record-sealing.ts'

const key = randomBytes(32)
const sealer = new RecordSealer(key, `0x${'ab'.repeat(32)}`)
const plain = Buffer.from('a canary in a record')

test('a record opens at its own place of its own drive only', async (t) => {
  const sealed = sealer.seal(plain, 7n)
  t.equal(sealed.length, plain.length + recordSealBytes)
  t.notOk(Buffer.from(sealed).includes('canary'))
  t.same(sealer.open(sealed, 7n), plain)
  t.throws(() => sealer.open(sealed, 8n), PieceCodingError)
  const other = new RecordSealer(key, `0x${'ac'.repeat(32)}`)
  t.throws(() => other.open(sealed, 7n), PieceCodingError)
  t.throws(() => sealer.open(plain, 7n), PieceCodingError, 'a plain one')
})

test('the same record at the same place comes out the same, and nothing else does', async (t) => {
  const nonce = (bytes: Uint8Array) => Buffer.from(bytes.subarray(1, 25)).toString('hex')
  t.same(sealer.seal(plain, 7n), sealer.seal(plain, 7n))
  const others = [sealer.seal(plain, 8n), sealer.seal(Buffer.from('b'), 7n), sealer.seal(plain, 7n)]
  t.equal(new Set(others.map(nonce)).size, 3)
})
