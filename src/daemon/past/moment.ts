import { Trouble } from '../../terms/trouble.ts'
import { duration, timeText } from '../quantity.ts'

/** Which state of a drive is meant: the one of a sequence number, or the newest that is no younger than a time. */
export type Moment =
  | { readonly kind: 'sequence'; readonly sequence: number }
  | { readonly kind: 'time'; readonly ms: number }

const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * The moment behind the `@` of `name@MOMENT`: `12` (a sequence number), `2026-11-20` (its beginning), `2026-11-20T10:00`,
 * `2026-11-20T10:00:05Z`, `2026-11-20T10:00+01:00` (local time where there is no zone), `2h`, `3d` (so long ago). Throws
 * Trouble `usage`.
 */
export function parseMoment(text: string, nowMs: number): Moment {
  if (/^\d+$/.test(text)) {
    const sequence = Number(text)
    if (Number.isSafeInteger(sequence)) return { kind: 'sequence', sequence }
    throw noMoment(text)
  }
  const ms = timeOf(text) ?? agoOf(text, nowMs)
  if (ms === undefined) throw noMoment(text)
  if (ms <= nowMs) return { kind: 'time', ms }
  throw new Trouble(
    'usage',
    `@${text} is in the future (${timeText(ms)}): give a time that is past`,
  )
}

function noMoment(text: string): Trouble {
  return new Trouble(
    'usage',
    `@${text} is no moment: write @12 (a sequence number of walrusfs log), @2026-11-20, @2026-11-20T10:00, @2026-11-20T10:00Z, or @2h, @3d (so long ago)`,
  )
}

function agoOf(text: string, nowMs: number): number | undefined {
  try {
    return nowMs - duration(text)
  } catch {
    return undefined
  }
}

function timeOf(text: string): number | undefined {
  const match = form.exec(text)
  if (!match) return undefined
  const numbers = match.slice(1, 7).map((part) => Number(part ?? 0))
  const [year, month, day, hour, minute, second] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const ms = Number((match[7] ?? '').padEnd(3, '0'))
  const isValid = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)
  if (!isValid || hour > 23 || minute > 59 || second > 59) return undefined
  const zone = match[8]
  if (zone === undefined) {
    return new Date(year, month - 1, day, hour, minute, second, ms).getTime()
  }
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - zoneMs(zone)
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000
}

/** Cuts `name@MOMENT`. Neither names of drives nor object ids have an `@`. */
export function splitMoment(text: string): { readonly drive: string; readonly at?: string } {
  const cut = text.lastIndexOf('@')
  return cut < 0 ? { drive: text } : { drive: text.slice(0, cut), at: text.slice(cut + 1) }
}
