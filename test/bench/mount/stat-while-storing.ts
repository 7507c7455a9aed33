import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { lstatSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../../../src/cli/bench/report.ts'
import type { Machine } from '../../e2e/machine.ts'
import type { Bench } from '../harness/bench.ts'
import { withLimit } from '../harness/comparison.ts'
import type { Comparison } from '../harness/comparison.ts'
import { patient } from '../harness/ground.ts'
import { ProbedMount } from '../harness/probed-mount.ts'

const fileBytes = 64 << 20
const idleMs = 2000
/** Between two calls. */
const pauseMs = 2
/** What no more than one in a hundred may take, call or turn of the event loop. */
const limitMs = 10

/**
 * How long a call waits for the daemon's answer while it encodes and uploads 64 MiB, and the daemon's event loop for its
 * turn. The mount stores nothing by itself. The devnet has no other processors than the daemon: what a call takes beside
 * programs that only occupy them is the least that it can take here.
 */
async function measure(
  machine: Machine,
  mount: ProbedMount,
  rounds: number,
): Promise<Comparison[]> {
  const [idle, occupied, busy]: [number[], number[], number[]] = [[], [], []]
  const [slowest, turns]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    writeFileSync(join(mount.path, 'stored'), randomFillSync(Buffer.alloc(fileBytes)))
    idle.push(median(await latencies(mount.path, sleep(idleMs))))
    occupied.push(median(await besideBusyLoops(() => latencies(mount.path, sleep(idleMs)))))
    let storing: number[] = []
    const loop = await mount.during(async () => {
      storing = await latencies(mount.path, machine.ok('sync', mount.path))
    })
    busy.push(median(storing))
    slowest.push(storing.toSorted((a, b) => a - b)[Math.floor(storing.length * 0.99)]!)
    turns.push(loop.p99)
  }
  const [what, unit, better] = ['stat while 64 MiB are stored', 'ms', 'lower'] as const
  const row = { measure: `${what}, median`, unit, better, ours: busy }
  return [
    { ...row, against: 'the same, idle', theirs: idle },
    { ...row, against: 'idle, beside busy loops', theirs: occupied, goal: 0.5 },
    withLimit({ ...row, measure: `${what}, 99 of 100`, ours: slowest }, limitMs),
    withLimit({ ...row, measure: "the daemon's event loop then, 99 of 100", ours: turns }, limitMs),
  ]
}

export const statWhileStoring: Bench = {
  name: 'stat-while-storing',
  about: 'stat while the daemon encodes and uploads',
  run: async (ground) => {
    const machine = await ground.machine()
    return measure(machine, await ProbedMount.open(machine, ...patient), ground.rounds)
  },
}

/** While as many programs as there are processors do nothing but count, nice as the codec's workers are. */
async function besideBusyLoops<T>(work: () => Promise<T>): Promise<T> {
  const loops = Array.from({ length: availableParallelism() }, () =>
    spawn('nice', ['-n', '5', process.execPath, '-e', 'for (;;);']),
  )
  try {
    await sleep(200)
    return await work()
  } finally {
    for (const loop of loops) loop.kill('SIGKILL')
  }
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
