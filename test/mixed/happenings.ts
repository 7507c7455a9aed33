import { setTimeout as wait } from 'node:timers/promises'
import { exitCodes } from '../../src/terms/trouble.ts'
import { until } from '../e2e/machine.ts'
import type { ExcuseKind } from './excuses.ts'
import type { Reading } from './reading.ts'
import type { Stage } from './stage.ts'

/** Snapshots that gc keeps: what the other machine may still read. */
const keep = '90s'
const restReadings = 6
const restMs = 1000
const limitMs = 180_000
const hangMs = 300_000

/** The writer's daemon gets SIGKILL, whatever is wrong at the moment, and is mounted again when that has passed. */
export async function killWriter(stage: Stage): Promise<void> {
  const { scene, writer } = stage
  const excused = scene.excuses.begin('kill', 0, writer.name)
  stage.plan.say('the writer’s daemon is killed')
  await writer.side.die()
  const leave = await scene.calm.demand()
  try {
    await writer.revive()
  } finally {
    excused()
    leave()
  }
}

/** Everybody pauses, all is stored, and the other machine must show exactly what the workers know. */
export async function meet(stage: Stage): Promise<void> {
  const { scene, load, follower, origin, plan } = stage
  const leave = await scene.calm.demand()
  try {
    await load.pause()
    await origin.ok('devnet', 'faucet', 'demo')
    const sequence = await stored(stage)
    await rest(stage)
    const { wrong, files, bytes } = await load.compare(follower.mount)
    for (const what of wrong) stage.failed(`on the other machine ${what}`)
    plan.say(`both show the same ${files} files, ${bytes} bytes, at ${sequence}`)
    stage.count('whole tree compared')
  } finally {
    await load.resume()
    leave()
  }
}

/** All is committed, and the other machine has seen it. */
export async function stored({ writer, follower }: Stage): Promise<string> {
  await writer.side.sync()
  const { sequence } = await writer.status()
  await until(
    async () => BigInt((await follower.status()).sequence) >= BigInt(sequence),
    `the follower to see sequence ${sequence}`,
    limitMs,
  )
  return sequence
}

/** What daemons take while nobody works: of some readings the one with the fewest descriptors. */
async function rest({ sides, readings, beganMs }: Stage): Promise<void> {
  const some: Reading[] = []
  for (let i = 0; i < restReadings; i++) {
    await wait(restMs)
    for (const side of sides) some.push(await side.read(beganMs, true))
  }
  for (const own of Map.groupBy(some, ({ side }) => side).values())
    readings.add(own.toSorted((one, other) => one.descriptors - other.descriptors)[0]!)
}

/** What excuses an exit code: the network did not answer, or more nodes lied than is borne. Both say that it can be run again. */
function excusesOf(code: number | null, needs: readonly ExcuseKind[]): readonly ExcuseKind[] {
  if (code === exitCodes.unreachable) return needs
  return code === exitCodes.damaged ? ['storm', 'kill'] : ['kill']
}

/** A command of the command line on the writer's mount, which may fail only where it must. Whether it did what it is for. */
async function command(
  stage: Stage,
  needs: readonly ExcuseKind[],
  ...args: string[]
): Promise<boolean> {
  const { scene, writer } = stage
  const beganMs = Date.now()
  const late = setTimeout(() => {
    stage.failed(`walrusfs ${args[0]} has not ended for ${hangMs / 1000} s`)
  }, hangMs)
  const { code, stderr } = await writer.side.machine.run(...args)
  clearTimeout(late)
  if (code === 0) {
    stage.count(args[0]!)
    return true
  }
  const excuse = await scene.excuses.reasonFor(writer.name, beganMs, excusesOf(code, needs))
  if (excuse) stage.count(`${args[0]} broken off`)
  else stage.failed(`walrusfs ${args[0]} ended with ${code}: ${stderr}`)
  return false
}

export const collect = (stage: Stage) =>
  command(stage, ['storm', 'kill', 'chain'], 'gc', stage.writer.mount, '--yes', '--keep', keep)

export const sync = (stage: Stage) => command(stage, ['kill'], 'sync', stage.writer.mount)
