import { noise } from '../writeback/files.ts'
import { holds, type Outcome, type Stage } from './act.ts'

/** Writes a file, and waits until it is stored or it is told why not. */
export async function commit(stage: Stage, length: number): Promise<Outcome> {
  await written(stage, length)
  let done = false
  void stage.here.sync(new AbortController().signal).then(() => (done = true))
  return stored(stage, () => done)
}

/** Writes a small file that is stored without anybody asking for it, in the manifest alone. */
export async function save(stage: Stage, length: number): Promise<Outcome> {
  const { here } = stage
  const { commits } = here.status.writeback
  await written(stage, length)
  const outcome = await stored(stage, () => here.status.writeback.state === 'idle')
  if (here.status.writeback.commits === commits) return outcome
  return { kind: 'wrong', why: 'a small save became a commit' }
}

async function written({ here, world, seed }: Stage, length: number): Promise<void> {
  const bytes = noise(length, seed)
  await here.write('written', bytes)
  world.files.set('written', bytes)
}

async function stored({ here, prospect }: Stage, done: () => boolean): Promise<Outcome> {
  // What is to go right may need a second try; what may fail has failed when it was tried twice.
  const tries = { right: Infinity, either: 2, fails: 1 }[prospect]
  const stuck = () => here.status.writeback.tries >= tries
  if (!(await holds(() => done() || stuck()))) {
    return { kind: 'wrong', why: `no end: ${here.status.writeback.why ?? 'no reason'}` }
  }
  if (done()) return { kind: 'right' }
  const { health, writeback } = here.status
  if (writeback.why && health !== 'ok') return { kind: 'waits', why: writeback.why }
  return { kind: 'wrong', why: 'it waits, and status shows no reason' }
}

/** What is stored shows on the other machine, or that tells why not. */
export async function followed(stage: Stage, store: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await store()
  if (outcome.kind === 'waits' && stage.cause.chain === 'fails') return shown(outcome, stage)
  if (outcome.kind !== 'right') return outcome
  const isSeen = () => seen(stage)
  if (stage.prospect === 'right') {
    return (await holds(isSeen)) ? outcome : { kind: 'wrong', why: 'it was never followed' }
  }
  const shows = () => stage.there.status.problems.length > 0
  if (!(await holds(async () => (await isSeen()) || shows()))) {
    return { kind: 'wrong', why: 'it is not followed, and status shows no reason' }
  }
  if (await isSeen()) return outcome
  return { kind: 'waits', why: stage.there.status.problems.join('; ') }
}

/** Who only reads does not see whether others commit, either. */
async function shown(outcome: Outcome, { there }: Stage): Promise<Outcome> {
  if (await holds(() => there.status.problems.length > 0)) return outcome
  return { kind: 'wrong', why: 'status of who follows shows no reason' }
}

/** All that waited is stored. */
export async function drained({ here }: Stage): Promise<void> {
  await here.sync(AbortSignal.timeout(20_000))
}

/** All that waited is stored, and shows on the other machine. */
export async function caughtUp(stage: Stage): Promise<void> {
  await drained(stage)
  if (!(await holds(() => seen(stage)))) throw new Error('afterwards it is not followed')
  if (!(await holds(() => stage.there.drive.fullNode.lag === undefined))) {
    throw new Error('afterwards status still says that the full node shows the past')
  }
}

async function seen({ there, world }: Stage): Promise<boolean> {
  const found = await there.read('written').catch(() => undefined)
  return found !== undefined && found.equals(world.files.get('written')!)
}
