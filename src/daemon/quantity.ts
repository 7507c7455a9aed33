import { maxLeaseMs } from '../manifest/limits.ts'

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
}
const msUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `1 blob`, `2 blobs`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** Bytes of `64M`, `1.5GiB`, `4096`: binary units. Throws a RangeError that shows the text. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([BKMGT]?)(?:i?B)?$/i.exec(text.trim())
  const unit = match && byteUnits[match[2]!.toUpperCase()]
  if (!unit) throw new RangeError(`${JSON.stringify(text)} is no size (write 64M, 10G)`)
  return checked(text, Number(match[1]) * unit)
}

/** Bytes a second of `1M`, `256K/s`; 0 of `off`. Throws a RangeError that shows the text. */
export function scrubRate(text: string): number {
  return text === 'off' ? 0 : byteCount(text.replace(/\/s$/, ''))
}

/** Milliseconds of `30s`, `5m`, `1.5h`. Throws a RangeError that shows the text. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim())
  const unit = match && msUnits[match[2]!]
  if (!unit) throw new RangeError(`${JSON.stringify(text)} is no duration (write 30s, 5m)`)
  return checked(text, Number(match[1]) * unit)
}

/** Milliseconds that a lease may run: ten seconds to an hour. Throws a RangeError that shows the text. */
export function leaseTime(text: string): number {
  const ms = duration(text)
  if (ms >= 10_000 && ms <= maxLeaseMs) return ms
  throw new RangeError(`a lease of ${JSON.stringify(text)} is not between 10s and 1h`)
}

function checked(text: string, value: number): number {
  const whole = Math.round(value)
  if (Number.isSafeInteger(whole)) return whole
  throw new RangeError(`${JSON.stringify(text)} is too much`)
}

/** For people: `1.4 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** For people: `2026-01-31T12:00:00.000Z`, and a word for what is in no calendar. */
export function timeText(ms: number): string {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? 'no date' : time.toISOString()
}

/** For people: `3 s`, `2 min`, `5 h`, `12 d`. */
export function durationText(ms: number): string {
  const steps = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const
  for (const [size, unit] of steps) if (ms >= size * 2) return `${Math.round(ms / size)} ${unit}`
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`
}
