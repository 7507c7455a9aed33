import type { DashboardData } from '../data.ts'
import { bytes, count, visible } from './words.ts'

type Status = DashboardData['status']

/** Where the changes of a mount are on their way, in words that only change when they get further. */
export function stageOf({ writeback, sequence, readOnly }: Status): string {
  const { state, dirty, step } = writeback
  if (readOnly || state === 'off') return 'Nothing is written here: the mount only reads.'
  if (state === 'committing') return stepWords[step ?? 'commit']
  if (state === 'backing-off') return 'Changes wait on this machine.'
  if (dirty) return 'There are changes that are only on this machine.'
  return `Everything is committed, sequence ${sequence}.`
}

const stepWords = {
  append: 'A small change goes into the manifest.',
  pack: 'Changes are packed.',
  register: 'Storage is bought.',
  upload: 'Changes are uploaded.',
  commit: 'Changes are committed.',
} as const

/** What somebody who hears the page should be told; undefined where nothing got further. */
export function announcement(before: Status | undefined, now: Status): string | undefined {
  if (!before) return `${stageOf(now)} Health: ${now.health}.`
  const words: string[] = []
  if (stageOf(before) !== stageOf(now)) words.push(stageOf(now) + amountOf(now))
  words.push(...nodeWords(before, now))
  if (before.health !== now.health) {
    words.push(`Health: ${now.health}, ${count(now.problems.length, 'problem')}.`)
  }
  return words.length > 0 ? words.join(' ') : undefined
}

function amountOf({ writeback: { state, dirtyBytes, total } }: Status): string {
  if (state === 'committing' && total > 0) return ` ${bytes(total)}.`
  return dirtyBytes > 0 ? ` ${bytes(dirtyBytes)}.` : ''
}

function nodeWords(before: Status, now: Status): string[] {
  return now.nodes.flatMap(({ url, name, state }) => {
    const old = before.nodes.find((node) => node.url === url)
    return old && old.state !== state ? [`Storage node ${visible(name)} is ${state}.`] : []
  })
}
