import { test } from 'tap'
import { parseMountOptions } from '../../src/cli/mount-options.ts'

test('options of fstab are flags of mount', (t) => {
  const flags = parseMountOptions(['ro,durability=remote', 'driver=kernel,codec=simd,keep=30d'])
  t.match(flags, { readOnly: true, durability: 'remote', driver: 'kernel', codec: 'simd' })
  t.match(flags, { keep: '30d', extra: [] })
  t.match(parseMountOptions(['epochs=5,nonempty,noauto,x-systemd.automount']), {
    epochs: 5,
    extra: ['nonempty'],
  })
  t.end()
})

test('a word that is none of the few is told with them, in one line', (t) => {
  const wrong = [
    ['driver=fuse', /driver=fuse is to be one of auto, kernel, fuse-native; nothing was mounted/],
    ['durability=disk', /durability=disk is to be one of local, remote/],
    ['codec=', /codec= is to be one of auto, simd, scalar, official/],
  ] as const
  for (const [option, message] of wrong) {
    t.throws(() => parseMountOptions([`ro,${option}`]), { code: 'usage', message })
  }
  t.throws(() => parseMountOptions(['constructor=1']), { code: 'usage', message: /not known/ })
  t.end()
})
