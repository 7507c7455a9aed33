import { frostOf } from '../renewal/wal.ts'

/** From what cost on a commit is worth a warning: an amount of FROST, or a share of what the account has. */
export type WarnCost = { readonly frost: bigint } | { readonly percent: bigint }

/** Of `10%`, `0.5`, `off`. Throws a RangeError that shows the text. */
export function warnCostOf(text: string): WarnCost | undefined {
  if (text === 'off') return undefined
  const percent = /^(\d{1,3})\s*%$/.exec(text.trim())
  if (!percent) return { frost: frostOf(text) }
  if (Number(percent[1]) <= 100) return { percent: BigInt(percent[1]!) }
  throw new RangeError(`${JSON.stringify(text)} is more than there is`)
}

/** FROST from which on it is expensive; undefined: nothing is. */
export function warnLimit(warn: WarnCost | undefined, balance: bigint): bigint | undefined {
  if (!warn) return undefined
  return 'frost' in warn ? warn.frost : (balance * warn.percent) / 100n
}
