import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts } from './machine.ts'

const codecs = ['simd', 'scalar', 'official']

const skip = noMounts()
if (skip) tap.plan(0, skip)
else {
  const network = await Machine.withDevnet(tap)

  for (const codec of codecs) {
    test(`what --codec=${codec} stores, every codec reads`, async (t) => {
      const writer = await network.withDrive(t)
      const mount = await writer.mount('demo', `--codec=${codec}`)
      const [large, small] = [randomBytes(3_000_001), randomBytes(5)]
      writeFileSync(join(mount, 'large'), large)
      writeFileSync(join(mount, 'small'), small)
      await writer.ok('umount', mount)

      await network.ok('devnet', 'fault', 'stop', '1')
      for (const other of codecs) {
        const reader = new Machine(t, writer)
        const elsewhere = await reader.mount('demo', '--read-only', `--codec=${other}`)
        t.ok(readFileSync(join(elsewhere, 'large')).equals(large), `${other}: 3 MB`)
        t.ok(readFileSync(join(elsewhere, 'small')).equals(small), `${other}: five bytes`)
      }
      await network.ok('devnet', 'fault', 'start', '1')
    })
  }
}
