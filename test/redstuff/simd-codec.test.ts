import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codecSuite } from './codec-suite.ts'

test('the codec on workers', (t) => {
  codecSuite(t, () => openCodec({ codec: 'simd', workers: 2 }), 30)
  t.end()
})
