import { refusal, type Act, type Outcome, type Stage } from './act.ts'

/** Reads of what is only on the network. */
export const readActs: readonly Act[] = [
  readOf('cold read', 'calm', 'reads'),
  readOf('read of a degraded blob', 'degraded', 'degraded'),
  {
    name: 'mount',
    needs: ['chain', 'reads'],
    during: async ({ world, newcomer }) => {
      try {
        const machine = await newcomer()
        const found = await machine.read('fresh')
        return sameAs(world.files.get('fresh'), found)
      } catch (error) {
        return refusal(error)
      }
    },
  },
]

function readOf(name: string, file: string, need: 'reads' | 'degraded'): Act {
  return {
    name,
    needs: [need],
    during: async (stage) => {
      try {
        return sameAs(stage.world.files.get(file), await stage.there.read(file))
      } catch (error) {
        return shown(refusal(error), stage)
      }
    },
    after: async ({ world, there }) => {
      const outcome = sameAs(world.files.get(file), await there.read(file))
      if (outcome.kind !== 'right') throw new Error('afterwards other bytes are read')
    },
  }
}

function sameAs(expected: Buffer | undefined, found: Buffer | undefined): Outcome {
  if (expected && found?.equals(expected)) return { kind: 'right' }
  return { kind: 'wrong', why: 'other bytes were read' }
}

/** A read that is refused must show in `status`. */
function shown(outcome: Outcome, { there }: Stage): Outcome {
  const { problems, health } = there.status
  if (outcome.kind !== 'refused') return outcome
  if (problems.length > 0 && health !== 'ok') {
    return { kind: 'refused', why: `${outcome.why} (${problems.join('; ')})` }
  }
  return { kind: 'wrong', why: `status shows nothing of it: ${outcome.why}` }
}
