import { h, type ComponentChildren, type ComponentChild } from '/preact.mjs'
import type { Loaded } from './view.ts'

/** A part of the page with a heading, to be found by it. */
export function section(
  id: string,
  title: string,
  ...content: ComponentChildren[]
): ComponentChild {
  const props = { id, class: 'card', 'aria-labelledby': `${id}-title`, key: id }
  return h('section', props, h('h2', { id: `${id}-title` }, title), ...content)
}

/** Names with their values. */
export function facts(
  rows: readonly (readonly [ComponentChildren, ComponentChildren])[],
): ComponentChild {
  const pairs = rows.map(([name, value], i) =>
    h('div', { key: i }, h('dt', null, name), h('dd', null, value)),
  )
  return h('dl', { class: 'facts' }, pairs)
}

/** What is there, or why it is not. */
export function whenThere<T>(
  loaded: Loaded<T>,
  none: string,
  content: (data: T) => ComponentChildren,
): ComponentChildren {
  switch (loaded.state) {
    case 'loading':
      return h('p', { class: 'quiet' }, 'Looking …')
    case 'none':
      return h('p', { class: 'quiet' }, none)
    case 'failed':
      return h('p', { class: 'bad' }, `Not to be had now: ${loaded.why}`)
    case 'there':
      return content(loaded.data)
  }
}

/** A mark beside a word: what it says is never said by its colour alone. */
export function mark(kind: 'ok' | 'warn' | 'bad'): ComponentChild {
  const paths = {
    ok: 'M3 8.5l3.2 3.2L13 5',
    warn: 'M8 3v6M8 12v1',
    bad: 'M4 4l8 8M12 4l-8 8',
  }
  const props = { viewBox: '0 0 16 16', class: `mark ${kind}`, 'aria-hidden': 'true' }
  return h('svg', props, h('path', { d: paths[kind] }))
}
