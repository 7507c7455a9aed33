import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codecSuite } from './codec-suite.ts'

test('the official codec behind the same interface', (t) => {
  codecSuite(t, () => openCodec({ codec: 'official' }), 4)
  t.end()
})
