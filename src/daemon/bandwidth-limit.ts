import type { BandwidthReport, BandwidthStatus } from '../control/bandwidth-report.ts'
import { BandwidthTable } from '../runtime/bandwidth-table.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Connection } from './connection.ts'
import type { Drive } from './open-drive.ts'

/** How fast a drive may be, for `status`; undefined without a limit. */
export function bandwidthStatus({ bandwidth }: Connection): BandwidthStatus | undefined {
  const { text, now } = bandwidth
  return text === 'off' ? undefined : { limit: text, ...now }
}

/** Sets the limit of a mount, until it ends, or says which it has. Throws Trouble `usage`. */
export function limitBandwidth(
  { connection, request }: Drive,
  limit: string | undefined,
): BandwidthReport {
  const { bandwidth } = connection
  if (limit !== undefined) {
    bandwidth.table = parsed(limit)
    request.log.info('the bandwidth is limited anew', { limit })
  }
  return { drive: request.drive.name, limit: bandwidth.text, ...bandwidth.now }
}

function parsed(limit: string): BandwidthTable {
  try {
    return BandwidthTable.parse(limit)
  } catch (error) {
    if (error instanceof RangeError) throw new Trouble('usage', error.message)
    throw error
  }
}
