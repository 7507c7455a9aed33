import { test } from 'tap'
import { freeBytes } from '../../src/runtime/free-bytes.ts'

test('bytes that have their memory alone are empty afterwards', (t) => {
  const bytes = new Uint8Array(1 << 20)
  const { buffer } = bytes
  freeBytes(bytes)
  t.equal(bytes.length, 0)
  t.equal(buffer.detached, true)
  freeBytes(bytes)
  t.end()
})

test('memory that others see stays', (t) => {
  const shared = new Uint8Array(new SharedArrayBuffer(8))
  freeBytes(shared)
  t.equal(shared.length, 8)
  const pooled = Buffer.from('a few bytes of the pool')
  freeBytes(pooled)
  t.equal(pooled.toString(), 'a few bytes of the pool')
  const whole = new Uint8Array(8).fill(7)
  freeBytes(whole.subarray(1))
  freeBytes(whole.subarray(0, 7))
  t.same([...whole], [7, 7, 7, 7, 7, 7, 7, 7])
  t.end()
})

test('a stream of what is freed takes no more memory than one piece of it', (t) => {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let i = 0; i < 200; i++) {
    const bytes = new Uint8Array(1 << 20)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    freeBytes(bytes)
  }
  t.ok(most < 3 << 20, `${most} bytes`)
  t.end()
})
