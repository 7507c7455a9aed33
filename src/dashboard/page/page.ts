import { h, type ComponentChildren, type ComponentChild } from '/preact.mjs'
import type { DashboardData } from '../data.ts'
import { cache } from './cache.ts'
import { changes } from './changes.ts'
import { history } from './history.ts'
import { money } from './money.ts'
import { nodes } from './nodes.ts'
import { facts, mark, section } from './parts.ts'
import type { View, Wishes } from './view.ts'
import { bytes, count, duration, visible } from './words.ts'

type Status = DashboardData['status']

const parts = [
  ['changes', 'Changes'],
  ['history', 'History'],
  ['storage', 'Storage and cost'],
  ['nodes', 'Storage nodes'],
  ['cache', 'Cache'],
  ['mount', 'Mount'],
] as const

/** The whole page. */
export function page(view: View, wishes: Wishes): ComponentChild {
  const { status } = view
  if (!status) {
    return h('main', { id: 'main', tabIndex: -1 }, h('h1', null, 'walrusfs'), linkWords(view))
  }
  return h(
    'div',
    { class: view.link === 'live' ? 'live' : 'stale' },
    top(status),
    h(
      'main',
      { id: 'main', tabIndex: -1 },
      linkWords(view),
      problems(status),
      changes(view, status),
      history(view, wishes),
      money(view, status),
      nodes(status),
      cache(status),
      mount(view, status),
    ),
  )
}

function top(status: Status): ComponentChild {
  const { drive, network, sealed, readOnly, mountPoint, health, shows } = status
  const kind = { ok: 'ok', degraded: 'warn', stuck: 'bad' } as const
  const about = [
    shows === undefined ? network : `${visible(shows)} on ${network}`,
    ...(shows === undefined ? [sealed ? 'sealed' : 'public'] : []),
    ...(readOnly ? ['read-only'] : []),
    `mounted on ${visible(mountPoint)}`,
  ]
  return h(
    'header',
    null,
    h('div', null, h('h1', null, visible(drive)), h('p', { class: 'quiet' }, about.join(' · '))),
    h('p', { class: `health ${kind[health]}` }, mark(kind[health]), `health: ${health}`),
    h(
      'nav',
      { 'aria-label': 'Parts of this page' },
      h(
        'ul',
        null,
        parts.map(([id, title]) => h('li', { key: id }, h('a', { href: `#${id}` }, title))),
      ),
    ),
  )
}

/** Whether what is shown is what is. */
function linkWords({ link }: View): ComponentChildren {
  switch (link) {
    case 'waiting':
      return h('p', { class: 'notice', key: 'link' }, 'Asking the daemon …')
    case 'live':
      return null
    case 'lost':
      return h(
        'p',
        { class: 'notice bad', key: 'link' },
        'The daemon does not answer: the drive was unmounted, or its daemon ended. This page asks on.',
      )
    case 'refused':
      return h(
        'p',
        { class: 'notice bad', key: 'link' },
        'This address has no token, or an old one. ',
        h('code', null, 'walrusfs dashboard'),
        ' prints the one that holds.',
      )
  }
}

function problems({ problems: list }: Status): ComponentChildren {
  if (list.length === 0) return null
  const items = list.map((text) => h('li', { key: text }, visible(text)))
  return section('problems', 'Problems', h('ul', { class: 'problems' }, items))
}

function mount({ nowMs }: View, status: Status): ComponentChild {
  const { manifest, driver, driverDetails, version, pid, memoryBytes, startedMs } = status
  const { usedBytes, usedInodes } = status
  return section(
    'mount',
    'Mount',
    facts([
      [
        'stored',
        `${bytes(usedBytes)} in ${count(usedInodes, 'file or directory', 'files and directories')}`,
      ],
      ...(manifest === undefined ? [] : [['manifest', h('code', null, manifest)] as const]),
      ['driver', visible(`${driver}: ${driverDetails}`)],
      ['daemon', `walrusfs ${version}, process ${pid}, ${bytes(memoryBytes)} of memory`],
      ['mounted for', duration(nowMs - startedMs)],
    ]),
  )
}
