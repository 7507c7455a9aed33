import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { Scrubber, type ScrubOptions } from '../../src/verification/scrubber.ts'
import { Desk, never } from '../writeback/desk.ts'
import { spoil, threeCommits } from './examined-drive.ts'

/** Time that passes when somebody sleeps. */
class SleepyClock implements Clock {
  time = 0
  sleeps: number[] = []
  now = () => this.time
  sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted()
    this.sleeps.push(ms)
    this.time += ms
    await new Promise(setImmediate)
  }
}

async function scrubbed(t: Test, random: () => number, options: Partial<ScrubOptions> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-scrub-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const desk = new Desk(t)
  const here = await desk.sit()
  const [root] = await threeCommits(here)
  const cache = await MemoryOverDiskCache.open(home, { memoryBytes: 0, reserveBytes: 0 })
  t.teardown(() => cache.close())
  const places = new Set<string>()
  let bytes = 0
  for await (const { ref } of neededPieces(here.content, root!)) {
    if (places.size === places.add(`${ref.blob} ${ref.offset}`).size) continue
    bytes += ref.storedLength
    cache.keepStored(ref, await desk.store.read(ref.blob, ref.offset, ref.storedLength, never))
  }
  await cache.idle()
  const clock = new SleepyClock()
  const lines: string[] = []
  const log = new LineLog((line) => lines.push(line), 'info')
  const parts = { source: here.content, cache, store: desk.store, clock, log, random }
  const scrubber = new Scrubber(
    { ...parts, root: () => here.worktree.base },
    { bytesPerSecond: 1000, everyMs: 3_600_000, ...options },
  )
  return { scrubber, desk, cache, clock, lines, bytes, pieces: places.size, home, root: root! }
}

test('all cached pieces are re-read at the rate, and nothing else', async (t) => {
  const { scrubber, clock, bytes, pieces, desk } = await scrubbed(t, () => 0.5)
  desk.script.add({ step: 'read', times: Infinity, error: () => new Error('from the network') })
  await scrubber.pass(never)
  t.match(scrubber.view, { passes: 1, cached: pieces, cachedDamaged: 0, sampled: 0, damaged: 0 })
  t.ok(Math.abs(clock.time - bytes) < 200, `${clock.time} ms for ${bytes} bytes`)
  t.equal(scrubber.view.lastMs, clock.time)
})

test('a copy that rots after it was checked is dropped, counted and told', async (t) => {
  const { scrubber, cache, home, root } = await scrubbed(t, () => 0.5)
  const ref = root.directory.node!
  t.ok(cache.stored(ref), 'read and checked once')
  const path = join(home, 'pieces', readdirSync(join(home, 'pieces'))[0]!)
  const bytes = readFileSync(path)
  const at = bytes.lastIndexOf(Buffer.from(ref.hash, 'base64url')) + 40 + 5
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(path, bytes)
  t.ok(cache.stored(ref), 'not checked again by a read')
  await scrubber.pass(never)
  t.equal(scrubber.view.cachedDamaged, 1)
  t.equal(cache.stats.damaged, 1)
  t.notOk(cache.stored(ref))
})

test('a sample of the network: damage is told, silence is not', async (t) => {
  const { scrubber, desk, lines, root } = await scrubbed(t, () => 0)
  desk.script.add({
    step: 'read',
    times: Infinity,
    error: () => new StoreError('unreachable', 'nobody answers'),
  })
  await scrubber.pass(never)
  t.match(scrubber.view, { sampled: 0, damaged: 0 })
  desk.script.clear()
  spoil(desk, root.directory.node!.blob, root.directory.node!.offset)
  await scrubber.pass(never)
  t.ok(scrubber.view.sampled > 1)
  t.equal(scrubber.view.damaged, 1)
  t.ok(lines.some((line) => /damaged on the network/.test(line)))
})

test('started, it goes on until it is stopped; off, it does nothing', async (t) => {
  const { scrubber, clock } = await scrubbed(t, () => 0.5)
  scrubber.start()
  while (scrubber.view.passes < 2) await new Promise(setImmediate)
  await scrubber.stop()
  t.equal(clock.sleeps[0], 600_000, 'not at once')
  const { passes } = scrubber.view
  await new Promise(setImmediate)
  t.equal(scrubber.view.passes, passes)
  const off = await scrubbed(t, () => 0.5, { bytesPerSecond: 0 })
  off.scrubber.start()
  await new Promise(setImmediate)
  t.same(off.clock.sleeps, [])
  await off.scrubber.stop()
})
