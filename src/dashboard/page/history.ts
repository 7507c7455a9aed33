import { h, type ComponentChildren, type ComponentChild } from '/preact.mjs'
import type { DashboardChange, DashboardCommit, DashboardData } from '../data.ts'
import { section, whenThere } from './parts.ts'
import { area, stems } from './pictures.ts'
import type { Loaded, View, Wishes } from './view.ts'
import { bytes, count, machineTime, time, visible } from './words.ts'

/** So many writers have a line of their own in the picture. */
const maxLanes = 6

/** Who changed what, and when. */
export function history(view: View, wishes: Wishes): ComponentChild {
  const none = 'What is mounted here has no history.'
  return section(
    'history',
    'History',
    whenThere(view.history, none, ({ commits, hasMore }) =>
      commits.length === 0
        ? h('p', { class: 'quiet' }, 'Nothing was committed yet.')
        : [
            timeline(commits),
            h(
              'ol',
              { class: 'commits', key: 'list' },
              commits.map((commit) => entry(commit, view, wishes)),
            ),
            hasMore
              ? h(
                  'p',
                  { class: 'quiet', key: 'more' },
                  h('code', null, 'walrusfs log'),
                  ' shows what was before.',
                )
              : null,
          ],
    ),
  )
}

function timeline(commits: readonly DashboardCommit[]): ComponentChild {
  const oldestFirst = commits.toReversed()
  const [from, to] = [Math.min(...commits.map(timeOf)), Math.max(...commits.map(timeOf))]
  const placeOf = (commit: DashboardCommit) =>
    to > from ? (timeOf(commit) - from) / (to - from) : 0.5
  const most = Math.max(...commits.map(({ usedBytes }) => usedBytes))
  const sizes = oldestFirst.map((commit) => ({ x: placeOf(commit), y: commit.usedBytes }))
  const last = commits[0]!
  const lanes = Map.groupBy(oldestFirst, ({ writer }) => writer)
  const busiest = [...lanes].sort(([, a], [, b]) => b.length - a.length).slice(0, maxLanes)
  const left = lanes.size - busiest.length
  return h(
    'figure',
    { class: 'timeline', key: 'timeline' },
    h(
      'figcaption',
      null,
      h('strong', null, 'Size'),
      ` now ${bytes(last.usedBytes)}, at most ${bytes(most)}`,
    ),
    area(`Size of the drive over its last ${count(commits.length, 'commit')}`, sizes, most, true),
    busiest.map(([writer, list]) => [
      h(
        'p',
        { class: 'lane', key: `${writer} name` },
        whoIs(writer),
        h('span', { class: 'quiet' }, ` ${count(list.length, 'commit')}`),
      ),
      stems(
        `When ${whoIs(writer)} committed`,
        list.map((commit) => ({
          key: commit.sequence,
          x: placeOf(commit),
          height: Math.min(1, Math.log10(1 + touched(commit)) / 4),
          title: `${commit.sequence}: ${time(commit.timeMs)}, ${changeWords(commit)}`,
          kind: commit.blob === undefined ? 'small' : 'large',
        })),
      ),
    ]),
    h(
      'p',
      { class: 'axis' },
      h('span', null, time(from)),
      h('span', null, left > 0 ? `${count(left, 'more writer')} not drawn` : ''),
      h('span', null, to > from ? time(to) : ''),
    ),
  )
}

function timeOf({ timeMs }: DashboardCommit): number {
  return timeMs
}

function whoIs(writer: string): string {
  return writer === '' ? '(not said)' : visible(writer)
}

function touched({ changes }: DashboardCommit): number {
  return changes ? changes.added + changes.removed + changes.changed + changes.moved : 0
}

function changeWords({ changes }: DashboardCommit): string {
  if (!changes) return 'changes not known'
  const { added, removed, changed, moved } = changes
  const words = [
    added && `${added} added`,
    removed && `${removed} removed`,
    changed && `${changed} changed`,
    moved && `${moved} moved`,
  ].filter((text) => text)
  return words.length > 0 ? words.join(', ') : 'no path changed'
}

function entry(commit: DashboardCommit, view: View, wishes: Wishes): ComponentChild {
  const { sequence, timeMs, writer, usedBytes, usedInodes, blob, whole } = commit
  const onToggle = (event: Event) => {
    if ((event.currentTarget as HTMLDetailsElement).open) wishes.openCommit(sequence)
  }
  const words = [
    `${count(usedInodes, 'entry', 'entries')}, ${bytes(usedBytes)}`,
    ...(blob === undefined ? ['in the manifest'] : []),
    ...(whole ? [] : ['a part was given up by gc']),
  ]
  return h(
    'li',
    { key: sequence },
    h(
      'details',
      { onToggle },
      h(
        'summary',
        null,
        h('strong', { class: 'sequence' }, sequence),
        ' ',
        h('time', { dateTime: machineTime(timeMs) }, time(timeMs)),
        ' ',
        h('span', null, whoIs(writer)),
        ' ',
        h('span', null, changeWords(commit)),
        ' ',
        h('span', { class: 'quiet' }, words.join(', ')),
      ),
      paths(view.changes.get(sequence) ?? { state: 'loading' }),
    ),
  )
}

const signs = { added: '+', removed: '−', changed: 'M', moved: 'R' } as const

function paths(loaded: Loaded<DashboardData['changes']>): ComponentChildren {
  return whenThere(loaded, 'What it changed is not known any more.', ({ rows, more }) => [
    h('ul', { class: 'paths', key: 'rows' }, rows.map(path)),
    more > 0 ? h('p', { class: 'quiet', key: 'more' }, `and ${more.toLocaleString()} more`) : null,
  ])
}

function path({
  change,
  path: name,
  from,
  type,
  size,
  sizeBefore,
}: DashboardChange): ComponentChild {
  const isResized = size !== undefined && sizeBefore !== undefined && size !== sizeBefore
  const grown = isResized
    ? `${bytes(sizeBefore)} → ${bytes(size)}`
    : size === undefined
      ? ''
      : bytes(size)
  return h(
    'li',
    { key: `${change} ${name}` },
    h('span', { class: `sign ${change}`, 'aria-hidden': 'true' }, signs[change]),
    h('span', { class: 'unseen' }, `${change}: `),
    h('bdi', null, from === undefined ? visible(name) : `${visible(from)} → ${visible(name)}`),
    h('span', { class: 'quiet' }, type === 'file' ? ` ${grown}` : ` ${type}`),
  )
}
