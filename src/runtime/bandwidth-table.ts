/** Bytes a second each way; what is undefined has no limit. */
export interface Rates {
  readonly up: number | undefined
  readonly down: number | undefined
}

/** From a minute of the week on. */
interface Slot {
  readonly minute: number
  readonly rates: Rates
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const minutesADay = 24 * 60
const slotText = /^(?:([a-z]+)-)?(\d{1,2}):(\d{2}),(.+)$/i
const units: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Which rates hold when, by the local time of this machine. */
export class BandwidthTable {
  /** As a person wrote it. */
  readonly text: string
  /** By time. */
  readonly #slots: readonly Slot[]

  private constructor(text: string, slots: readonly Slot[]) {
    this.text = text
    this.#slots = slots
  }

  /**
   * `off`, `512K`, `512K:2M` (up:down), or what holds from which time on: `08:00,512K:2M 19:00,off`, with days
   * `Mon-08:00,512K Sat-00:00,off`. Throws a RangeError that shows what is wrong.
   */
  static parse(text: string): BandwidthTable {
    const words = text.trim().split(/\s+/)
    const [only] = words
    if (words.length === 1 && !only!.includes(',')) {
      return new BandwidthTable(text, [{ minute: 0, rates: ratesOf(only!) }])
    }
    const slots = words.flatMap(slotsOf).sort((a, b) => a.minute - b.minute)
    const twice = slots.find(({ minute }, i) => slots[i + 1]?.minute === minute)
    if (twice) throw new RangeError(`${JSON.stringify(text)} says two things of one time`)
    return new BandwidthTable(text, slots)
  }

  /** What holds at a time, milliseconds since 1970. */
  at(ms: number): Rates {
    const time = new Date(ms)
    const minute = time.getDay() * minutesADay + time.getHours() * 60 + time.getMinutes()
    // Before the first of the week the last of the week before holds.
    const slot = this.#slots.findLast((one) => one.minute <= minute) ?? this.#slots.at(-1)!
    return slot.rates
  }
}

function slotsOf(word: string): Slot[] {
  const [, day, hours, minutes, rates] = slotText.exec(word) ?? []
  const minute = Number(hours) * 60 + Number(minutes)
  if (rates === undefined || Number(minutes) > 59 || minute >= minutesADay) {
    throw new RangeError(
      `${JSON.stringify(word)} is no part of a timetable (write 08:00,512K or Mon-08:00,512K:2M)`,
    )
  }
  const of = day === undefined ? days.keys() : [dayOf(day)]
  return [...of].map((one) => ({ minute: one * minutesADay + minute, rates: ratesOf(rates) }))
}

function dayOf(text: string): number {
  const long = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
  const name = text.toLowerCase()
  const day = Math.max(days.indexOf(name as (typeof days)[number]), long.indexOf(name))
  if (day < 0) throw new RangeError(`${JSON.stringify(text)} is no day of the week (write Mon)`)
  return day
}

function ratesOf(text: string): Rates {
  const parts = text.split(':')
  if (parts.length > 2) throw noRate(text)
  const [up, down] = parts.map(rateOf)
  return { up, down: parts.length === 1 ? up : down }
}

function rateOf(text: string): number | undefined {
  if (text.toLowerCase() === 'off') return undefined
  const match = /^(\d+(?:\.\d+)?)([BKMG])(?:i?B)?(?:\/s)?$/i.exec(text)
  const rate = match ? Math.round(Number(match[1]) * units[match[2]!.toUpperCase()]!) : 0
  if (!Number.isSafeInteger(rate) || rate < 1) throw noRate(text)
  return rate
}

function noRate(text: string): RangeError {
  return new RangeError(
    `${JSON.stringify(text)} is no rate (bytes a second with a unit: 512K, 2M, up:down, or off)`,
  )
}
