const frostPerWal = 1_000_000_000n

/** A month, for forecasts. */
export const monthMs = 365.25 * 86_400_000 * (1 / 12)

/** FROST of `0.25`, `12 WAL`. Throws a RangeError that shows the text. */
export function frostOf(text: string): bigint {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?\s*(?:WAL)?$/i.exec(text.trim())
  if (!match) throw new RangeError(`${JSON.stringify(text)} is no amount of WAL (write 0.5, 12)`)
  return BigInt(match[1]!) * frostPerWal + BigInt((match[2] ?? '').padEnd(9, '0'))
}

/** For people: `0.25 WAL`, nothing rounded off. */
export function walText(frost: bigint): string {
  const part = String(frost % frostPerWal)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${frost / frostPerWal}${part && `.${part}`} WAL`
}

/** What costs so much an epoch, for a month. */
export function perMonth(perEpoch: bigint, epochDurationMs: number): bigint {
  return BigInt(Math.round((Number(perEpoch) * monthMs) / epochDurationMs))
}
