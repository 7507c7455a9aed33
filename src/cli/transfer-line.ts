import { bytesText, durationText } from '../daemon/quantity.ts'
import type { ControlProgress } from '../control/protocol.ts'
import type { Terminal } from './terminal.ts'
import { progressText } from './progress-line.ts'

/** Rates are those of so much time. */
const windowMs = 10_000
/** Without a terminal a line in so much time. */
const lineEveryMs = 5_000

/** How far a transfer has come, for people: a line that is written over on a terminal, else a line now and then. */
export class TransferLine {
  readonly #terminal: Terminal
  readonly #now: () => number
  #points: { readonly ms: number; readonly done: number }[] = []
  #saidMs: number | undefined

  constructor(terminal: Terminal, now: () => number = Date.now) {
    this.#terminal = terminal
    this.#now = now
  }

  readonly show = (progress: ControlProgress): void => {
    const ms = this.#now()
    this.#points = this.#points.filter((point) => ms - point.ms <= windowMs)
    this.#points.push({ ms, done: progress.done })
    const text = transferText(progress, this.#rate)
    if (this.#terminal.isLive) return this.#terminal.live(text)
    if (this.#terminal.json) return
    this.#saidMs ??= ms
    if (ms - this.#saidMs < lineEveryMs) return
    this.#saidMs = ms
    this.#terminal.note(text)
  }

  /** Bytes a second. */
  get #rate(): number {
    const [first, last] = [this.#points[0]!, this.#points.at(-1)!]
    return last.ms > first.ms ? ((last.done - first.done) / (last.ms - first.ms)) * 1000 : 0
  }
}

/** `warmup [###···] 42%  12 MiB of 28 MiB  3 of 9 files  4.0 MiB/s  4 s left`. */
export function transferText(progress: ControlProgress, rate: number): string {
  const { done, total, files } = progress
  const parts = [progressText(progress)]
  if (files) parts.push(`${files.done} of ${files.total} files`)
  if (rate > 0 && done < total) {
    parts.push(`${bytesText(rate)}/s`, `${durationText(((total - done) / rate) * 1000)} left`)
  }
  return parts.join('  ')
}
