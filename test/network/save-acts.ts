import type { Act } from './act.ts'
import { caughtUp, commit, drained, followed, save } from './changes.ts'
import { paceFor } from './pace.ts'

/** Bytes of a small save. */
const small = 700

/** Acts of a machine that puts small changes into the manifest: one transaction, and no storage node is asked. */
export const saveActs: readonly Act[] = [
  {
    name: 'small save',
    needs: ['chain', 'saves'],
    savesSmall: true,
    during: (stage) => save(stage, small),
    after: drained,
  },
  {
    name: 'small save that is followed',
    needs: ['chain', 'saves'],
    savesSmall: true,
    during: (stage) => followed(stage, () => save(stage, small)),
    after: caughtUp,
  },
  {
    name: 'small save and restart',
    needs: ['chain'],
    savesSmall: true,
    during: (stage) => save(stage, small),
    after: async (stage) => {
      await stage.here.restart(paceFor('right'))
      await drained(stage)
    },
  },
  {
    name: 'commit over small saves',
    needs: ['writes', 'chain'],
    savesSmall: true,
    before: async (stage) => {
      const { kind } = await save({ ...stage, prospect: 'right' }, small)
      if (kind !== 'right') throw new Error('a small save before all began did not go right')
    },
    during: (stage) => commit(stage, 40_000),
    after: async (stage) => {
      await drained(stage)
      const { inline } = await stage.here.drive.manifest.load(AbortSignal.timeout(20_000))
      if (inline.length > 0) throw new Error('small saves are still in the manifest')
    },
  },
]
