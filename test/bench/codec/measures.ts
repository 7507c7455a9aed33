/** Milliseconds of the clock and of all the process's processors. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The least that each thing cost in several rounds, in which it came after the same others. */
export class Measures {
  readonly #best = new Map<string, Cost>()

  async take<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const [cpu, wall] = [cpuMs(), performance.now()]
    const result = await work()
    const cost = { wall: performance.now() - wall, cpu: cpuMs() - cpu }
    const best = this.#best.get(name) ?? cost
    this.#best.set(name, {
      wall: Math.min(best.wall, cost.wall),
      cpu: Math.min(best.cpu, cost.cpu),
    })
    return result
  }

  of(name: string): Cost {
    return this.#best.get(name) ?? { wall: Number.NaN, cpu: Number.NaN }
  }
}

/** A table with aligned columns, the first one to the left. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  ')
  return rows.map(line).join('\n')
}

export function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}

export function ratio(theirs: number, ours: number): string {
  return Number.isNaN(theirs) ? '' : `${(theirs / ours).toFixed(1)}×`
}

export function bytes(value: number): string {
  if (value >= 1 << 20) return `${value / (1 << 20)} MiB`
  return value >= 1024 ? `${value / 1024} KiB` : `${value} B`
}
