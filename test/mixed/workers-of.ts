import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chances } from '../runtime/chances.ts'
import type { Act } from './act.ts'
import { readSaved } from './follower-reader.ts'
import { LargeFiles } from './large-files.ts'
import type { LoadPlan } from './load-messages.ts'
import { SavedFiles } from './saved-files.ts'
import { SmallFiles } from './small-files.ts'
import { type Foreman, Worker } from './worker.ts'
import { WorkPlace } from './work-place.ts'

const directories = 20
const savedFiles = 25
const savedName = 'saved'

/** Who works, each in a directory of its own; and who reads on the other machine what one of them saves. */
export function workersOf(
  plan: LoadPlan,
  foreman: Foreman,
): { writing: Worker[]; reading: Worker } {
  const small = { files: plan.smallFiles, directories, mostBytes: plan.smallMostBytes }
  const { largeLeastBytes: leastBytes, largeMostBytes: mostBytes, largeAllBytes: allBytes } = plan
  let number = 0
  const placeAt = (mount: string, name: string) =>
    new WorkPlace(join(mount, name), chances(plan.seed * 1000 + ++number))
  const writer = (name: string, of: (place: WorkPlace) => { next(): Act }, isSmall = false) => {
    const place = placeAt(plan.writer, name)
    mkdirSync(place.top)
    const files = of(place)
    return new Worker(place, 'writer', () => files.next(), foreman, plan, isSmall)
  }
  const writing = [
    ...many(plan.smallWorkers, (i) => writer(`small ${i}`, (at) => new SmallFiles(at, small))),
    ...many(plan.largeWorkers, (i) =>
      writer(`large ${i}`, (at) => new LargeFiles(at, { leastBytes, mostBytes, allBytes })),
    ),
    writer(savedName, (at) => new SavedFiles(at, savedFiles), true),
  ]
  const elsewhere = placeAt(plan.follower, savedName)
  const reading = new Worker(elsewhere, 'follower', () => readSaved(elsewhere), foreman, plan)
  return { writing, reading }
}

function many(count: number, one: (index: number) => Worker): Worker[] {
  return Array.from({ length: count }, (_, index) => one(index))
}
