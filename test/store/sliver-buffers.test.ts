import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { SliverBuffers } from '../../src/store/sliver-buffers.ts'

test('what was given back is lent again, the smallest that is long enough', async (t) => {
  const buffers = new SliverBuffers(1000)
  const [large, small] = [buffers.take(500), buffers.take(240)]
  t.same([large.length, small.length], [500, 240])
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

test('the shorter slivers of a blob leave memory that serves the longer ones', async (t) => {
  const buffers = new SliverBuffers(2000)
  const [primary, secondary] = [buffers.take(600), buffers.take(310)]
  t.equal(secondary.length, 600)
  buffers.give(secondary)
  t.equal(buffers.take(600), secondary)
  buffers.give(primary)
})

test('memory is kept for the next blob, for a while', async (t) => {
  const buffers = new SliverBuffers(1000, 20)
  const first = buffers.take(400)
  const second = buffers.take(400)
  buffers.give(first)
  buffers.give(second)
  t.ok([first, second].includes(buffers.take(400)), 'and shortly after')
  buffers.give(first)
  await setTimeout(60)
  const later = buffers.take(400)
  t.notOk([first, second].includes(later))
})
