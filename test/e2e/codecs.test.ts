import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Machine, noMounts } from './machine.ts'

const codecs = ['simd', 'scalar', 'official']

test('what each --codec stores, every codec reads', { skip: noMounts() }, async (t) => {
  const writer = new Machine(t)
  await writer.startDevnet()
  await writer.create()
  const written = new Map<string, Buffer>()
  for (const codec of codecs) {
    const mount = await writer.mount('demo', `--codec=${codec}`)
    for (const bytes of [randomBytes(3_000_001), randomBytes(5)]) {
      const name = `${codec}, ${bytes.length} bytes`
      written.set(name, bytes)
      writeFileSync(join(mount, name), bytes)
    }
    await writer.ok('umount', mount)
  }

  await writer.ok('devnet', 'fault', 'stop', '1')
  for (const codec of codecs) {
    const reader = new Machine(t, writer)
    const there = await reader.mount('demo', '--read-only', `--codec=${codec}`)
    for (const [name, bytes] of written) {
      t.ok(readFileSync(join(there, name)).equals(bytes), `${codec} reads ${name}`)
    }
  }
})
