import type { DriveStatus } from '../control/status.ts'
import { bytesText } from '../daemon/quantity.ts'

/** What got further since the last look, a line each; without one, how it stands. */
export function statusChanges(before: DriveStatus | undefined, now: DriveStatus): string[] {
  const stage = stageText(now)
  const isNew = !before || stageKey(before) !== stageKey(now)
  return [
    ...(before ? [] : [`${now.drive} on ${now.mountPoint}`]),
    ...(isNew ? [stage] : []),
    ...newOnes(before?.problems ?? [], now.problems).map((text) => `problem: ${text}`),
    ...newOnes(now.problems, before?.problems ?? []).map((text) => `no longer: ${text}`),
    ...(before && before.health === now.health ? [] : [`health: ${now.health}`]),
  ]
}

/** Where the changes are on their way. */
function stageText({ writeback, sequence }: DriveStatus): string {
  const { state, dirty, dirtyBytes, step, total, why } = writeback
  switch (state) {
    case 'off':
      return `read-only: sequence ${sequence}`
    case 'committing':
      return `${step ?? 'commit'}: ${bytesText(total > 0 ? total : dirtyBytes)}`
    case 'backing-off':
      return `waiting: ${why}`
    case 'idle':
    case 'waiting':
      return dirty ? `only here: ${bytesText(dirtyBytes)}` : `committed: sequence ${sequence}`
  }
}

/** Amounts grow all the time and make no new line. */
function stageKey(status: DriveStatus): string {
  return `${status.sequence} ${withoutAmounts(stageText(status))}`
}

function newOnes(before: readonly string[], now: readonly string[]): readonly string[] {
  const known = new Set(before.map(withoutAmounts))
  return now.filter((text) => !known.has(withoutAmounts(text)))
}

/** `3 s`, `2.9 MiB`: what stands with its unit. */
function withoutAmounts(text: string): string {
  return text.replace(/\d+(\.\d+)? (ms|s|min|h|d|[KMGTP]?i?B)\b/g, '#')
}
