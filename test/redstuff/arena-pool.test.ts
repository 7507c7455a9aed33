import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { CodecPriority } from '../../src/redstuff/codec.ts'
import { ArenaPool } from '../../src/redstuff/pool/arena-pool.ts'
import type { PageAdvice } from '../../src/redstuff/pool/page-advice.ts'
import { never } from './vector-check.ts'

const { read, write, background } = CodecPriority
const mib = 1 << 20

function open(t: Test, options: { advice?: PageAdvice; idleMs?: number } = {}) {
  const dropped: number[] = []
  const pool = new ArenaPool({
    advice: options.advice,
    budget: 10 * mib,
    idleMs: options.idleMs ?? 60_000,
    onDrop: (arena) => void dropped.push(arena.id),
  })
  t.teardown(() => pool.close())
  return { pool, dropped }
}

/** Notes when a job gets its arena. */
function noting(log: string[], name: string) {
  return <T>(arena: T): T => {
    log.push(name)
    return arena
  }
}

test('a job that alone needs more than the budget gets it', async (t) => {
  const { pool } = open(t)
  const arena = await pool.acquire(30 * mib, 4, write, never)
  t.ok(arena.capacity >= 30 * mib)
})

test('jobs wait for memory, in the order of their priority', async (t) => {
  const { pool } = open(t)
  const log: string[] = []
  const first = await pool.acquire(8 * mib, 4, write, never)
  const later = [
    pool.acquire(8 * mib, 4, background, never).then(noting(log, 'background')),
    pool.acquire(8 * mib, 4, write, never).then(noting(log, 'write')),
    pool.acquire(8 * mib, 4, write, never).then(noting(log, 'second write')),
  ]
  await setTimeout(1)
  t.same(log, [])
  pool.release(first)
  pool.release(await later[1]!)
  pool.release(await later[2]!)
  await later[0]
  t.same(log, ['write', 'second write', 'background'])
})

test('a read does not wait for encodings', async (t) => {
  const { pool } = open(t)
  await pool.acquire(30 * mib, 4, write, never)
  const arena = await pool.acquire(9 * mib, 4, read, never)
  t.ok(arena)
})

test('results that are still read keep nobody waiting', async (t) => {
  const { pool } = open(t)
  const held = await pool.acquire(9 * mib, 4, write, never)
  const next = pool.acquire(9 * mib, 4, write, never)
  pool.hold(held)
  const other = await next
  t.not(other.id, held.id)
  pool.release(held)
  pool.release(other)
  pool.release(await pool.acquire(9 * mib, 4, write, never))
})

test('an abort ends the waiting, and those behind get their turn', async (t) => {
  const { pool } = open(t)
  const reason = new Error('enough')
  const first = await pool.acquire(9 * mib, 4, write, never)
  const stop = new AbortController()
  const second = pool.acquire(9 * mib, 4, write, stop.signal)
  const third = pool.acquire(9 * mib, 4, write, never)
  stop.abort(reason)
  await t.rejects(second, reason)
  pool.release(first)
  t.equal((await third).id, first.id)
})

test('an arena is used again, and known by another epoch when its shards change', async (t) => {
  const { pool } = open(t)
  const arena = await pool.acquire(2 * mib, 10, write, never)
  const before = arena.state
  pool.release(arena)
  const again = await pool.acquire(mib, 10, write, never)
  t.equal(again, arena)
  t.same(again.state, before)
  pool.release(again)
  const other = await pool.acquire(mib, 11, write, never)
  t.equal(other, arena)
  t.not(other.state.epoch, before.epoch)
})

test('the smallest arena that is large enough is taken', async (t) => {
  const { pool } = open(t)
  const small = await pool.acquire(2 * mib, 4, write, never)
  const large = await pool.acquire(5 * mib, 4, write, never)
  pool.release(large)
  pool.release(small)
  t.equal(await pool.acquire(2 * mib, 4, write, never), small)
})

test('memory that no job uses is given back', async (t) => {
  const released: number[] = []
  const advice = {
    large: () => {},
    release: (bytes: Uint8Array) => void released.push(bytes.length),
  }
  const { pool } = open(t, { advice, idleMs: 5 })
  const arena = await pool.acquire(20 * mib, 4, write, never)
  const used = await pool.acquire(5 * mib, 4, read, never)
  const { epoch } = arena.state
  pool.release(arena)
  while (arena.state.epoch === epoch) await setTimeout(1)
  t.equal(
    released.reduce((sum, bytes) => sum + bytes, 0),
    arena.capacity,
  )
  pool.release(used)
  t.equal(await pool.acquire(20 * mib, 4, write, never), arena, 'and can be used again')
})

test('where pages cannot be given back, the arena is', async (t) => {
  const { pool, dropped } = open(t, { idleMs: 5 })
  const arena = await pool.acquire(20 * mib, 4, write, never)
  pool.release(arena)
  while (dropped.length === 0) await setTimeout(1)
  t.same(dropped, [arena.id])
  t.not(await pool.acquire(20 * mib, 4, write, never), arena)
})

test('more than can be addressed is refused', async (t) => {
  const { pool } = open(t)
  await t.rejects(pool.acquire(2 ** 33, 4, write, never), { code: 'too-large' })
})
