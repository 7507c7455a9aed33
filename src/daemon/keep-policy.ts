import type { KeepPolicy } from '../renewal/kept-snapshots.ts'
import { duration } from './quantity.ts'

const hourMs = 3_600_000

/**
 * `30d`: all snapshots of the last 30 days. `20`: the last 20, and all of the last hour, so that who reads now can go on.
 * `all`: everything. Throws a RangeError that shows the text.
 */
export function keepPolicy(text: string): KeepPolicy {
  if (text === 'all') return { forMs: Infinity, count: Infinity }
  if (/^[1-9]\d{0,8}$/.test(text)) return { forMs: hourMs, count: Number(text) }
  try {
    return { forMs: duration(text), count: 1 }
  } catch {
    throw new RangeError(
      `${JSON.stringify(text)} is neither a duration nor a number of snapshots (write 30d, 20, all)`,
    )
  }
}
