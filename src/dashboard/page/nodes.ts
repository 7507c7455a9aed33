import { h, type ComponentChild } from '/preact.mjs'
import type { DashboardData } from '../data.ts'
import { mark, section } from './parts.ts'
import { shareBar } from './pictures.ts'
import { count, visible } from './words.ts'

type Node = DashboardData['status']['nodes'][number]

const kinds = { ok: 'ok', slow: 'warn', down: 'bad', lying: 'bad' } as const
const fills = { ok: 'fillOk', warn: 'fillWarn', bad: 'fillBad' } as const
const columns = ['Node', 'State', 'Shards', 'Requests', 'Failures', 'Wrong answers', 'Median']

/** How the storage nodes do. */
export function nodes({ nodes: list }: DashboardData['status']): ComponentChild {
  const shards = sum(list)
  const good = sum(list.filter(({ state }) => state === 'ok'))
  const borne = Math.floor((shards - 1) / 3)
  const words =
    shards === 0
      ? 'No committee was seen yet.'
      : `${good} of ${count(shards, 'shard')} answer well; ${borne} may be missing.`
  const shares = list.map((node) => ({
    name: node.url,
    value: node.shards,
    kind: fills[kinds[node.state]],
  }))
  return section(
    'nodes',
    'Storage nodes',
    h('p', { class: shards - good > borne ? 'bad' : '' }, words),
    shareBar(words, shares),
    h(
      'div',
      { class: 'wide', role: 'region', tabIndex: 0, 'aria-labelledby': 'nodes-title' },
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            columns.map((name) => h('th', { scope: 'col', key: name }, name)),
          ),
        ),
        h('tbody', null, list.map(row)),
      ),
    ),
  )
}

function row(node: Node): ComponentChild {
  const { name, url, state, shards, requests, failures, lies, medianMs, lastError } = node
  const kind = kinds[state]
  const why = state !== 'ok' && lastError ? h('small', null, visible(lastError)) : null
  return h(
    'tr',
    { key: url },
    h('th', { scope: 'row' }, visible(name), h('small', null, visible(url))),
    h('td', { class: kind }, mark(kind), state, why),
    [shards, requests, failures, lies].map((value, i) =>
      h('td', { key: i, class: 'number' }, value.toLocaleString()),
    ),
    h('td', { class: 'number' }, medianMs === undefined ? '–' : `${Math.round(medianMs)} ms`),
  )
}

function sum(list: readonly Node[]): number {
  return list.reduce((total, { shards }) => total + shards, 0)
}
