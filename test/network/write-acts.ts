import type { BlobStore } from '../../src/store/blob-store.ts'
import { refusal, type Act, type Stage } from './act.ts'
import { caughtUp, commit, drained, followed } from './changes.ts'
import { paceFor } from './pace.ts'

/** Acts that change the drive, or what it is paid for. */
export const writeActs: readonly Act[] = [
  commitOf('small commit', 3_000),
  commitOf('larger commit', 1_300_000),
  {
    name: 'follow',
    needs: ['chain', 'writes', 'reads'],
    during: (stage) => followed(stage, () => commit(stage, 2_000)),
    after: caughtUp,
  },
  {
    name: 'commit and restart',
    needs: ['writes', 'chain'],
    during: (stage) => commit(stage, 4_000),
    after: async (stage) => {
      await stage.here.restart(paceFor('right'))
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
