import type { WriteStream } from 'node:tty'
import { bytesText } from '../daemon/quantity.ts'
import { visibleText } from '../runtime/visible-text.ts'
import type { ControlProgress } from '../control/protocol.ts'

const barWidth = 28

/** A progress bar in the last line of a terminal. */
export class ProgressLine {
  readonly #stream: WriteStream
  #shown = false

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show(progress: ControlProgress): void {
    this.text(progressText(progress))
  }

  text(text: string): void {
    const width = Math.max(20, this.#stream.columns - 1)
    this.#stream.write(`\r\x1b[K${visibleText(text).slice(0, width)}`)
    this.#shown = true
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K')
    this.#shown = false
  }
}

/** `upload  [#######·····]  42%  12 MiB of 28 MiB`, and why it waits. */
export function progressText({ step, done, total, why }: ControlProgress): string {
  const part = total > 0 ? Math.min(1, done / total) : 0
  const full = Math.round(part * barWidth)
  const bar = `[${'#'.repeat(full)}${'·'.repeat(barWidth - full)}]`
  const amount =
    total > 0 ? `${Math.round(part * 100)}%  ${bytesText(done)} of ${bytesText(total)}` : ''
  return `${step.padEnd(9)} ${bar} ${amount}${why ? `  waiting: ${why}` : ''}`
}
