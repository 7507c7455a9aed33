const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.4 GiB`. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0]
  for (; value >= 1024 && unit < byteUnits.length - 1; unit++) value /= 1024
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${byteUnits[unit]}`
}

/** `3 s`, `2 min`, `5 h`, `12 d`. */
export function duration(ms: number): string {
  const steps = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const
  for (const [size, unit] of steps) if (ms >= size * 2) return `${Math.round(ms / size)} ${unit}`
  return `${Math.max(0, Math.round(ms / 1000))} s`
}

/** Of FROST, or SUI of MIST: `0.1234 WAL`. */
export function coins(amount: string, unit: string): string {
  const value = Number(amount) / 1e9
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 6 : value < 100 ? 4 : 2
  return `${value.toFixed(digits)} ${unit}`
}

/** Date and time as they are written here; a word for what is in no calendar, as another writer may have said it. */
export function time(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return 'no date'
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** For `<time datetime>`. */
export function machineTime(ms: number): string | undefined {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

export function day(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return 'no date'
  return date.toLocaleDateString(undefined, { dateStyle: 'medium' })
}

/** `1 blob`, `3 blobs`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`
}

/** Text of others, which may have control characters and marks that turn the line around: they are shown as JSON would, not obeyed. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu, (one) => {
    return `\\u${one.codePointAt(0)!.toString(16).padStart(4, '0')}`
  })
}
