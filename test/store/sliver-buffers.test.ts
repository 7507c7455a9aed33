import { test } from 'tap'
import { SliverBuffers } from '../../src/store/write/sliver-buffers.ts'

test('what was given back is lent again, the smallest that is long enough', async (t) => {
  const buffers = new SliverBuffers(1000)
  const [large, small] = [buffers.take(500), buffers.take(300)]
  t.same([large.length, small.length], [500, 300])
  buffers.give(large)
  buffers.give(small)
  t.equal(buffers.take(200), small)
  t.equal(buffers.take(200), large)
  t.not(buffers.take(200), large, 'what is lent is not lent twice')
})

test('what may still be in use is not lent again', async (t) => {
  const buffers = new SliverBuffers(1000)
  const broken = buffers.take(100)
  buffers.lost(broken)
  t.not(buffers.take(100), broken)
})

test('what is free makes way for what is wanted, and goes at the end', async (t) => {
  const buffers = new SliverBuffers(1000)
  const small = Array.from({ length: 5 }, () => buffers.take(200))
  for (const one of small) buffers.give(one)
  const large = buffers.take(700)
  t.equal(large.length, 700)
  t.ok(small.includes(buffers.take(200)), 'one small one is still there')
  t.notOk(small.includes(buffers.take(200)), 'and no other')
  buffers.give(large)
  buffers.clear()
  t.not(buffers.take(700), large)
})
