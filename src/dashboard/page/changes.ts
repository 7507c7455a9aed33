import { h, type ComponentChildren, type ComponentChild } from '/preact.mjs'
import type { DashboardData } from '../data.ts'
import { stageOf } from './announcement.ts'
import { section } from './parts.ts'
import { area, type Point } from './pictures.ts'
import { sampledMs, type Sample, type View } from './view.ts'
import { bytes, count, duration, machineTime, time, visible } from './words.ts'

type Status = DashboardData['status']

/** What is dirty, what is on its way, what is committed. */
export function changes(view: View, status: Status): ComponentChild {
  return section(
    'changes',
    'Changes',
    h('p', { class: 'stage' }, stageOf(status)),
    h(
      'ol',
      { class: 'flow' },
      here(status, view.nowMs),
      onTheWay(status, view.nowMs),
      committed(status),
    ),
    status.readOnly ? null : curves(view),
  )
}

function step(
  title: string,
  isNow: boolean,
  amount: string,
  ...words: ComponentChildren[]
): ComponentChild {
  return h(
    'li',
    { class: isNow ? 'now' : '', 'aria-current': isNow ? 'step' : undefined, key: title },
    h('h3', null, title),
    h('p', { class: 'amount' }, amount),
    words,
  )
}

function here({ writeback, readOnly }: Status, nowMs: number): ComponentChild {
  const { state, dirty, dirtyBytes, oldestDirtyMs } = writeback
  if (readOnly || state === 'off')
    return step('Only here', false, 'nothing', h('p', null, 'read-only'))
  const isNow = dirty && state !== 'committing'
  const oldest = oldestDirtyMs === undefined ? 'just now' : `${duration(nowMs - oldestDirtyMs)} old`
  const words = dirty ? `the oldest change is ${oldest}` : 'no change waits'
  return step('Only here', isNow, dirty ? bytes(dirtyBytes) : 'nothing', h('p', null, words))
}

const stepNames = {
  append: 'into the manifest',
  pack: 'packing',
  register: 'buying storage',
  upload: 'uploading',
  commit: 'committing',
} as const

function onTheWay({ writeback }: Status, nowMs: number): ComponentChild {
  const { state, step: at, done, total, why, tries, nextTryMs } = writeback
  if (state === 'backing-off') {
    const next = nextTryMs === undefined ? '' : `, next in ${duration(nextTryMs - nowMs)}`
    const tried = `tried ${count(tries, 'time')}${next}`
    return step(
      'On the way',
      true,
      'waiting',
      h('p', { class: 'bad' }, visible(why ?? '')),
      h('p', null, tried),
    )
  }
  if (state !== 'committing')
    return step('On the way', false, 'nothing', h('p', null, sentWords(writeback)))
  const name = stepNames[at ?? 'commit']
  const label = `${name}: ${bytes(done)} of ${bytes(total)}`
  const known = total > 0 ? { max: total, value: done } : {}
  return step(
    'On the way',
    true,
    total > 0 ? `${Math.round((Math.min(done, total) / total) * 100)} %` : name,
    h('progress', { ...known, 'aria-label': label }),
    h('p', null, total > 0 ? label : name),
  )
}

function sentWords({ uploadedBytes, commits, appends }: Status['writeback']): string {
  const small = appends > 0 ? ` and ${count(appends, 'small change')}` : ''
  return `since the mount ${bytes(uploadedBytes)} in ${count(commits, 'commit')}${small}`
}

function committed({ writeback, sequence, committedMs, usedBytes, shows }: Status): ComponentChild {
  const isNow = !writeback.dirty && writeback.state !== 'committing'
  const when =
    committedMs === undefined
      ? 'no commit yet'
      : h('time', { dateTime: machineTime(committedMs) }, time(committedMs))
  return step(
    'Committed',
    isNow,
    shows === undefined ? `sequence ${sequence}` : bytes(usedBytes),
    h('p', null, when),
  )
}

function curves({ samples, nowMs }: View): ComponentChild {
  const rates = ratesOf(samples)
  return h(
    'div',
    { class: 'curves' },
    curve(
      'Only here',
      samples.map(({ ms, dirtyBytes }) => ({ x: ms, y: dirtyBytes })),
      nowMs,
      '',
    ),
    curve('Uploaded', rates, nowMs, ' a second'),
  )
}

/** Bytes a second between one look and the next. */
function ratesOf(samples: readonly Sample[]): Point[] {
  return samples.slice(1).map((sample, i) => {
    const before = samples[i]!
    const seconds = Math.max(0.001, (sample.ms - before.ms) / 1000)
    return { x: sample.ms, y: Math.max(0, sentOf(sample) - sentOf(before)) / seconds }
  })
}

function sentOf({ uploadedBytes, flyingBytes }: Sample): number {
  return uploadedBytes + flyingBytes
}

function curve(
  title: string,
  points: readonly Point[],
  nowMs: number,
  unit: string,
): ComponentChild {
  const max = points.reduce((most, { y }) => Math.max(most, y), 0)
  const last = points.at(-1)?.y ?? 0
  const shown = points.map(({ x, y }) => ({ x: Math.max(0, 1 - (nowMs - x) / sampledMs), y }))
  const words = `now ${bytes(last)}${unit}, at most ${bytes(max)}${unit}`
  return h(
    'figure',
    { key: title },
    h('figcaption', null, h('strong', null, title), ` ${words}`),
    area(`${title}, the last five minutes: ${words}`, shown, max),
    h(
      'p',
      { class: 'axis', 'aria-hidden': 'true' },
      h('span', null, '5 min ago'),
      h('span', null, 'now'),
    ),
  )
}
