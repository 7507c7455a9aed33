import { h, type ComponentChild } from '/preact.mjs'
import type { DashboardData } from '../data.ts'
import { facts, section } from './parts.ts'
import { shareBar } from './pictures.ts'
import { bytes, count } from './words.ts'

/** How much is asked of the network, and what lies here. */
export function cache({ cache: stats }: DashboardData['status']): ComponentChild {
  const { memoryHits, diskHits, misses, memoryBytes, diskBytes, damaged } = stats
  const asked = memoryHits + diskHits + misses
  const part = (number: number) =>
    `${number.toLocaleString()}${asked ? ` (${Math.round((number / asked) * 100)} %)` : ''}`
  const rate = asked ? `${Math.round(((asked - misses) / asked) * 100)} %` : 'nothing was read yet'
  return section(
    'cache',
    'Cache',
    h('p', { class: 'amount' }, asked ? `${rate} hits` : rate),
    shareBar(`Of ${count(asked, 'piece')} that were read, ${rate} were here`, [
      { name: 'memory', value: memoryHits, kind: 'fill1' },
      { name: 'disk', value: diskHits, kind: 'fill2' },
      { name: 'network', value: misses, kind: 'fill3' },
    ]),
    facts([
      keyed('fill1', 'from memory', part(memoryHits)),
      keyed('fill2', 'from the disk', part(diskHits)),
      keyed('fill3', 'from the network', part(misses)),
      ['in memory', bytes(memoryBytes)],
      ['on the disk', bytes(diskBytes)],
      ...(damaged ? [['gone bad and dropped', damaged.toLocaleString()] as const] : []),
    ]),
  )
}

/** A value with the colour that it has in the picture. */
function keyed(kind: string, name: string, value: string) {
  return [[h('span', { class: `key ${kind}` }), name], value] as const
}
