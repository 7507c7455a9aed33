import type { AlarmTime } from '../../src/devnet/alarm.ts'
import type { Cause, Need } from './cause.ts'
import { epochs } from './machine.ts'
import { faults } from './world.ts'

/** When an epoch ends, as a commit goes on: each family of requests, early and late, and both transactions. */
const moments: readonly AlarmTime[] = [
  { at: 'metadata' },
  { at: 'slivers' },
  { at: 'slivers', skip: 9 },
  { at: 'symbols' },
  { at: 'confirmations' },
  { at: 'confirmations', skip: 4 },
  { at: 'simulation' },
  { at: 'execution' },
  { at: 'simulation', skip: 1 },
  { at: 'execution', skip: 1 },
]

/** Ends of epochs in the middle of something, with the same committee and with another one. */
export function epochCauses(): Cause[] {
  return [...[false, true].flatMap((moving) => moments.map((at) => during(at, moving))), ending]
}

function during(time: AlarmTime, moving: boolean): Cause {
  const { at, skip = 0 } = time
  let before = 0
  const what = moving ? 'another committee' : 'another epoch'
  return {
    name: `${what} at ${at}${skip > 0 ? ` ${skip + 1}` : ''}`,
    onlyFor: concerned(at),
    begin: async ({ devnet }) => {
      before = devnet.status().epoch
      devnet.epochAt(time, moving)
    },
    struck: ({ devnet }) => devnet.status().epoch > before,
    end: async ({ devnet }) => devnet.at(undefined),
  }
}

/** Who asks for that. */
function concerned(moment: AlarmTime['at']): readonly Need[] {
  switch (moment) {
    case 'metadata':
    case 'slivers':
      return ['reads', 'degraded', 'writes']
    case 'symbols':
      return ['degraded']
    case 'confirmations':
    case 'status':
      return ['writes']
    case 'simulation':
    case 'execution':
      return ['writes', 'chain']
  }
}

/** Changes wait for longer than their storage was bought for. */
const ending: Cause = {
  name: 'storage ends before the nodes are back',
  writes: 'fails',
  onlyFor: ['writes'],
  begin: async (world, here) => {
    await world.renew(here)
    for (let node = 0; node <= faults; node++) await world.devnet.fault(node, { kind: 'stop' })
  },
  end: async ({ devnet }) => {
    await devnet.advanceEpoch(epochs + 1)
    await devnet.mend()
  },
}
