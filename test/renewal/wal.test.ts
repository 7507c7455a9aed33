import fc from 'fast-check'
import { test } from 'tap'
import { frostOf, walText } from '../../src/renewal/wal.ts'

test('amounts are read and written without loss', async () => {
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 18n), (frost) => frostOf(walText(frost)) === frost))
})

test('what is no amount is refused', async (t) => {
  t.equal(frostOf('0.5'), 500_000_000n)
  t.equal(frostOf('12 wal'), 12_000_000_000n)
  t.equal(walText(1n), '0.000000001 WAL')
  for (const text of ['', '-1', '1.', '.5', '1e9', '1.0000000001', 'much', '0x10']) {
    t.throws(() => frostOf(text), RangeError)
  }
})
