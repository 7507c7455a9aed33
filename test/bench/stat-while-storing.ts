import { randomFillSync } from 'node:crypto'
import { lstatSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '../e2e/machine.ts'
import { median } from './ratio-table.ts'
import type { Comparison } from './ratio-table.ts'

const rounds = 3
const fileBytes = 64 << 20
const idleMs = 2000
/** Between two calls. */
const pauseMs = 2
/** What no more than one call in a hundred may take: it waits for whatever the event loop is doing. */
const limitMs = 10

/** How long a call waits for the daemon's answer while it encodes and uploads 64 MiB. The mount stores nothing by itself. */
export async function statWhileStoring(machine: Machine, mount: string): Promise<Comparison[]> {
  const [idle, busy, slowest]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    writeFileSync(join(mount, 'stored'), randomFillSync(Buffer.alloc(fileBytes)))
    idle.push(median(await latencies(mount, sleep(idleMs))))
    const storing = await latencies(mount, machine.ok('sync', mount))
    busy.push(median(storing))
    slowest.push(storing.toSorted((a, b) => a - b)[Math.floor(storing.length * 0.99)]!)
  }
  return [
    {
      measure: 'stat while 64 MiB are stored, median',
      against: 'the same, idle',
      better: 'lower',
      unit: 'ms',
      ours: busy,
      theirs: idle,
      goal: 0.5,
    },
    {
      measure: 'stat while 64 MiB are stored, 99 of 100',
      against: 'limit',
      better: 'lower',
      unit: 'ms',
      ours: slowest,
      theirs: [limitMs],
      goal: 1,
    },
  ]
}

/** Milliseconds of each of many calls until something has happened. Names that are not there, each another, so that the kernel asks. */
async function latencies(mount: string, until: Promise<unknown>): Promise<number[]> {
  let isOver = false
  const end = until.finally(() => (isOver = true))
  const found: number[] = []
  while (!isOver) {
    const path = join(mount, `no-${performance.now()}`)
    const began = performance.now()
    lstatSync(path, { throwIfNoEntry: false })
    found.push(performance.now() - began)
    await sleep(pauseMs)
  }
  await end
  return found
}
