import { noise } from '../writeback/files.ts'
import type { BlobStore } from '../../src/store/blob-store.ts'
import { holds, refusal, type Act, type Outcome, type Stage } from './act.ts'

/** Acts that change the drive, or what it is paid for. */
export const writeActs: readonly Act[] = [
  commitOf('small commit', 3_000),
  commitOf('larger commit', 1_300_000),
  {
    name: 'follow',
    needs: ['chain', 'writes', 'reads'],
    during: async (stage) => {
      const outcome = await commit(stage, 2_000)
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
    },
    after: async (stage) => {
      await drained(stage)
      if (!(await holds(() => seen(stage)))) throw new Error('afterwards it is not followed')
      if (!(await holds(() => stage.there.drive.fullNode.lag === undefined))) {
        throw new Error('afterwards status still says that the full node shows the past')
      }
    },
  },
  {
    name: 'commit and restart',
    needs: ['writes', 'chain'],
    during: (stage) => commit(stage, 4_000),
    after: async (stage) => {
      await stage.here.restart()
      await drained(stage)
    },
  },
  {
    name: 'renew',
    needs: ['chain'],
    before: async (stage) => {
      for (const { objectId, endEpoch } of await owned(stage)) ends.set(objectId, endEpoch)
    },
    during: async (stage) => {
      try {
        await renew(stage)
        return { kind: 'right' }
      } catch (error) {
        return refusal(error)
      }
    },
    after: async (stage) => {
      await renew(stage)
      const target = stage.world.devnet.status().epoch + renewedEpochs
      for (const { objectId, endEpoch } of await owned(stage)) {
        if (endEpoch === Math.max(target, ends.get(objectId) ?? 0)) continue
        throw new Error(`paid until epoch ${endEpoch} where ${target} was asked for`)
      }
    },
  },
]

/** Until this epoch, counted from now, renewals of states reach. */
const renewedEpochs = 8

/** Of blob objects before a renewal. */
const ends = new Map<string, number>()

function owned({ here }: Stage): ReturnType<BlobStore['owned']> {
  return here.drive.connection.store.owned(AbortSignal.timeout(20_000))
}

async function renew({ here }: Stage): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  await here.drive.writable!.renewer.renew({ epochs: renewedEpochs, dryRun: false }, signal)
}

function commitOf(name: string, bytes: number): Act {
  return {
    name,
    needs: ['writes', 'chain'],
    during: (stage) => commit(stage, bytes),
    after: drained,
  }
}

async function commit(stage: Stage, length: number): Promise<Outcome> {
  const { here, world, seed, prospect } = stage
  const bytes = noise(length, seed)
  await here.write('written', bytes)
  world.files.set('written', bytes)
  let done = false
  void here.sync(new AbortController().signal).then(() => (done = true))
  // What is to go right may need a second try; what may fail has failed when it was tried twice.
  const tries = { right: Infinity, either: 2, fails: 1 }[prospect]
  const stuck = () => here.status.writeback.tries >= tries
  if (!(await holds(() => done || stuck()))) {
    return { kind: 'wrong', why: `no end: ${here.status.writeback.why ?? 'no reason'}` }
  }
  if (done) return { kind: 'right' }
  const { health, writeback } = here.status
  if (writeback.why && health !== 'ok') return { kind: 'waits', why: writeback.why }
  return { kind: 'wrong', why: 'it waits, and status shows no reason' }
}

/** Who only reads does not see whether others commit, either. */
async function shown(outcome: Outcome, { there }: Stage): Promise<Outcome> {
  if (await holds(() => there.status.problems.length > 0)) return outcome
  return { kind: 'wrong', why: 'status of who follows shows no reason' }
}

async function drained({ here }: Stage): Promise<void> {
  await here.sync(AbortSignal.timeout(20_000))
}

async function seen({ there, world }: Stage): Promise<boolean> {
  const found = await there.read('written').catch(() => undefined)
  return found !== undefined && found.equals(world.files.get('written')!)
}
