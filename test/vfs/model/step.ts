import fc from 'fast-check'
import { slots } from './operation.ts'
import type { Operation } from './operation.ts'
import { endings } from './vfs-world.ts'
import type { DriveEvent, VfsWorld } from './vfs-world.ts'
import type { World } from './world.ts'

/** An operation, or something that befalls the drive and that no program should see. */
export type Step = Operation | { readonly type: 'event'; readonly event: DriveEvent }

/** Lists of steps with an event among every fifteen or so. */
export function stepLists(operations: fc.Arbitrary<Operation>): fc.Arbitrary<Step[]> {
  const event = fc.constantFrom<DriveEvent[]>('begin', 'finish', 'restart', 'remount')
  const steps: fc.Arbitrary<Step> = fc.oneof(
    { weight: 14, arbitrary: operations },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('event' as const), event }) },
  )
  return fc.array(steps, { minLength: 1, maxLength: 60 })
}

/** Carries a step out on both; gives what each answered. */
export async function carryOut(
  step: Step,
  vfs: VfsWorld,
  other: World,
): Promise<readonly [string, string]> {
  if (step.type !== 'event') return [await vfs.run(step), await other.run(step)]
  await vfs.befall(step.event)
  const closed = endings.includes(step.event) ? slots : []
  for (const slot of closed) await other.run({ type: 'close', slot })
  return ['ok', 'ok']
}
