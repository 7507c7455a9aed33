import type { Pace } from '../../src/daemon/pace.ts'
import type { Prospect } from './cause.ts'
import { HastyClock } from './hasty-clock.ts'

/** So many times as fast as the machine's clock. */
const factor = 20
/** The time of the machines, and of the chain. */
export const clock = new HastyClock(factor)

/**
 * How long machines wait: on this machine answers come within milliseconds, and what does not come is no longer waited for
 * than it takes to tell. What must go right has time, however busy the machine is.
 */
export function paceFor(prospect: Prospect): Pace {
  return prospect === 'right' ? calm : urgent
}

function pace(isUrgent: boolean): Pace {
  const answerMs = isUrgent ? 500 : 3000
  return {
    clock,
    store: {
      timeouts: { smallMs: answerMs, sliverMs: answerMs },
      patience: { leastMs: 40, mostMs: 150, rebuildMs: 250 },
      latecomerMs: 50,
      registrationMs: 2000 * factor,
    },
    fullNode: { timeoutMs: answerMs, lostAnswerMs: 600 * factor },
    deadlineMs: (isUrgent ? 1500 : 15_000) * factor,
  }
}

const calm = pace(false)
const urgent = pace(true)
