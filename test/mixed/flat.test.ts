import { test } from 'tap'
import { descriptorsLeft, trendsOf } from './flat.ts'
import type { Reading } from './reading.ts'

const mebibyte = 1 << 20
const still: Reading = {
  atMs: 0,
  side: 'writer',
  life: 0,
  resident: 300 * mebibyte,
  anonymous: 200 * mebibyte,
  proportional: 250 * mebibyte,
  descriptors: 60,
  sockets: 30,
  threads: 20,
  journal: 0,
  staging: 0,
  cacheDisk: 0,
  cacheMemory: 0,
  log: 0,
  dirty: 0,
  usedInodes: 1,
  sequence: 1,
  commits: 0,
  appends: 0,
  uploaded: 0,
  statusMs: 1,
  isResting: false,
}

/** A life of so many minutes, read every five seconds. */
function life(minutes: number, at: (minute: number) => Partial<Reading>): Reading[] {
  return Array.from({ length: minutes * 12 }, (_, k) => {
    return { ...still, atMs: k * 5000, ...at(k / 12) }
  })
}

const growing = (readings: Reading[], judged = 10) =>
  trendsOf(readings, judged).flatMap(({ name, isFlat }) => (isFlat === false ? [name] : []))

test('what comes and goes is flat, and what stays is not', async (t) => {
  const wave = life(30, (minute) => ({
    resident: (300 + 60 * Math.sin(minute * 3)) * mebibyte,
    descriptors: 60 + Math.round(20 * Math.cos(minute * 7)),
  }))
  t.same(growing(wave), [])
  const warmingUp = life(30, (minute) => ({
    resident: (100 + 200 * Math.min(1, minute / 6)) * mebibyte,
  }))
  t.same(growing(warmingUp), [])
  const leak = life(30, (minute) => ({ resident: (300 + 8 * minute) * mebibyte }))
  t.same(growing(leak), ['resident'])
  const higherTeeth = life(30, (minute) => ({
    resident: (300 + (60 + 20 * minute) * (minute % 1)) * mebibyte,
  }))
  t.same(growing(higherTeeth), [], 'memory that a collection gives back')
  const risingTroughs = life(30, (minute) => ({
    resident: (300 + 8 * minute + 200 * (minute % 1)) * mebibyte,
  }))
  t.same(growing(risingTroughs), ['resident'], 'memory that no collection gives back')
  const lost = life(30, (minute) => ({ descriptors: 60 + Math.floor(minute * 2) }))
  t.same(growing(lost), ['descriptors'])
  const busy = life(30, (minute) => ({ threads: 20 + Math.floor(minute) }))
  t.same(growing(busy), ['threads'])
})

test('each life is looked at for itself, and a short one is not judged', async (t) => {
  const first = life(12, () => ({ resident: 200 * mebibyte }))
  const second = life(12, () => ({ resident: 400 * mebibyte, life: 1 }))
  t.same(growing([...first, ...second]), [])
  const short = life(5, (minute) => ({ resident: (100 + 100 * minute) * mebibyte }))
  t.same(growing(short), [])
  t.ok(trendsOf(short, 10).every(({ isFlat }) => isFlat === undefined))
  t.same(growing(short, 4), ['resident'])
})

test('at rest descriptors come back', async (t) => {
  const rest = (descriptors: number, atMs: number, number = 0): Reading => {
    return { ...still, isResting: true, descriptors, sockets: 0, atMs, life: number }
  }
  const busy = { ...still, descriptors: 400 }
  t.same(descriptorsLeft([rest(20, 1), rest(40, 2), busy, rest(44, 3)]), [])
  t.match(descriptorsLeft([rest(20, 1), rest(40, 2), busy, rest(50, 3)]), [
    /50 descriptors at rest beside sockets, and 40/,
  ])
  const more = { ...rest(70, 3), sockets: 30 }
  t.same(descriptorsLeft([rest(20, 1), rest(40, 2), more]), [], 'of connections some are kept')
  t.same(descriptorsLeft([rest(20, 1), rest(40, 2), rest(90, 3, 1), rest(99, 4, 1)]), [])
})
