import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ending, Machine } from '../e2e/machine.ts'
import { chances } from '../runtime/chances.ts'
import { lookAtAll } from './at-the-end.ts'
import { ChainTroubles } from './chain-troubles.ts'
import { descriptorsLeft, trendsOf, type Trend } from './flat.ts'
import { collect, killWriter, meet, sync } from './happenings.ts'
import type { OperationTally } from './load-messages.ts'
import type { MixedPlan } from './mixed-plan.ts'
import { nodeTrouble } from './node-troubles.ts'
import type { Reading } from './reading.ts'
import { drawReadings } from './record.ts'
import { Stage } from './stage.ts'
import { runLane } from './trouble-lane.ts'

/** What came of it. */
export interface MixedStory {
  readonly operations: readonly OperationTally[]
  /** What happened, by kind, and how often. */
  readonly happened: ReadonlyMap<string, number>
  readonly readings: readonly Reading[]
  readonly trends: readonly Trend[]
  readonly refusals: number
  readonly failures: readonly string[]
}

/**
 * Workers of many kinds on one drive, whose daemon is killed now and then, and a machine that follows it; storage nodes, full node
 * and epochs change all the while. Every read is compared with what is known, and in the end everything is, in several ways.
 */
export async function mixed(origin: Machine, plan: MixedPlan, ends: Ending): Promise<MixedStory> {
  const stage = await Stage.open(origin, plan, ends)
  const going = [...lanesOf(stage), reading(stage), chores(stage), lulls(stage)]
  try {
    await direct(stage)
  } catch (error) {
    stage.failed(String(error))
  }
  stage.end()
  await Promise.all(going)
  const { load, failures, refusals, scene } = stage
  const readings = stage.readings.all
  const operations = await load.tally()
  await lookAtAll(stage, ends).catch((error: unknown) => stage.failed(String(error)))
  const trends = trendsOf(readings, plan.judgedMinutes)
  for (const { isFlat, ...trend } of trends)
    if (isFlat === false)
      stage.failed(
        `${trend.side} ${trend.life}: ${trend.name} grows, ${trend.second} → ${trend.last}`,
      )
  for (const what of descriptorsLeft(readings)) stage.failed(what)
  if (plan.out !== undefined) await keep(stage, plan.out)
  return { operations, happened: scene.counts, readings, trends, refusals, failures }
}

function lanesOf({ plan, scene }: Stage): Promise<void>[] {
  const { seed, pauseMs, troubleMs } = plan
  const [ofNodes, ofChain] = [chances(seed + 1), chances(seed + 2)]
  const chain = new ChainTroubles(ofChain, troubleMs)
  const nodes = {
    next: () => nodeTrouble(ofNodes, scene.what, troubleMs),
    pauseMs: () => ofNodes() * pauseMs,
    isBorne: true,
  }
  const fullNode = {
    next: () => chain.next(),
    pauseMs: () => ofChain() * 2 * pauseMs,
    isBorne: false,
  }
  return [runLane(nodes, scene), runLane(fullNode, scene)]
}

/** Looks at both daemons all the while. */
async function reading(stage: Stage): Promise<void> {
  const { scene, plan, sides, readings, beganMs } = stage
  while (!scene.over.aborted) {
    for (const side of sides) {
      const askedMs = Date.now()
      try {
        readings.add(await side.read(beganMs, false))
      } catch (error) {
        if ((await scene.excuses.reasonFor(side.name, askedMs)) !== 'kill')
          stage.failed(`the ${side.name} does not say how it is: ${String(error)}`)
      }
    }
    await pause(plan.readEveryMs, scene.over)
  }
}

/** sync and gc, from time to time. */
async function chores(stage: Stage): Promise<void> {
  const { plan, scene } = stage
  const every = [
    { ms: plan.syncEveryMs, run: sync, nextMs: 0 },
    { ms: plan.collectEveryMs, run: collect, nextMs: 0 },
  ]
  for (const one of every) one.nextMs = Date.now() + one.ms
  while (!scene.over.aborted) {
    await pause(500, scene.over)
    const due = every.find(({ nextMs }) => nextMs < Date.now())
    if (!due || scene.over.aborted) continue
    const isDone = await due.run(stage)
    due.nextMs = Date.now() + (isDone ? due.ms : due.ms / 10)
  }
}

/** From time to time only small saves are made. */
async function lulls(stage: Stage): Promise<void> {
  const { plan, scene, load } = stage
  while (!scene.over.aborted) {
    await pause(plan.lullEveryMs, scene.over)
    if (!scene.over.aborted) await Promise.all([load.lull(plan.lullMs), sync(stage)])
  }
}

/** Kills and meetings, till the time is over. */
async function direct(stage: Stage): Promise<void> {
  const { plan, beganMs } = stage
  const lengthMs = plan.untilMs - beganMs
  const kills = plan.kills.map((part) => beganMs + part * lengthMs)
  let meetMs = beganMs + plan.meetEveryMs
  while (Date.now() < plan.untilMs) {
    await wait(250)
    if (kills[0] !== undefined && kills[0] < Date.now()) {
      kills.shift()
      await killWriter(stage)
      stage.count('writer killed')
    } else if (meetMs < Date.now()) {
      await meet(stage)
      meetMs = Date.now() + plan.meetEveryMs
    }
  }
}

async function keep({ readings, sides }: Stage, out: string): Promise<void> {
  await drawReadings(out, readings.all)
  for (const { name, log } of sides) copyFileSync(log, join(out, `${name}.log`))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {})
}
