import { test } from 'tap'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { codecSuite } from './codec-suite.ts'

test('the scalar codec', (t) => {
  codecSuite(t, async () => new ScalarCodec(), 8)
  t.end()
})
