import { styleText } from 'node:util'
import type { ControlProgress } from '../control/protocol.ts'
import { visibleLines, visibleText } from '../runtime/visible-text.ts'
import { ProgressLine } from './progress-line.ts'

/** A line that begins with words of our own, which may be coloured. */
export interface MarkedLine {
  readonly mark: string
  readonly text: string
}

/** How a command talks: results on standard output, everything else on standard error. */
export class Terminal {
  readonly json: boolean
  /** Nobody wants to hear that all went well. */
  readonly quiet: boolean
  readonly #line: ProgressLine | undefined
  #why: string | undefined

  constructor(options: { readonly json: boolean; readonly quiet: boolean }) {
    this.json = options.json
    this.quiet = options.quiet
    const live = process.stderr.isTTY && !options.json && !options.quiet
    this.#line = live ? new ProgressLine(process.stderr) : undefined
  }

  /**
   * The command's result: one JSON value with --json, else the lines. Names, and whatever else others have written, may stand in them
   * as they are.
   */
  result(value: unknown, lines: () => readonly (string | MarkedLine)[]): void {
    this.#line?.clear()
    const text = this.json
      ? [visibleLines(JSON.stringify(value, undefined, 2))]
      : lines().map(visibleLine)
    if (text.length) process.stdout.write(`${text.join('\n')}\n`)
  }

  /** Something worth knowing on the way. */
  note(text: string): void {
    if (this.quiet) return
    this.#line?.clear()
    process.stderr.write(`${visibleText(text)}\n`)
  }

  warn(text: string): void {
    this.#line?.clear()
    process.stderr.write(`${paint('yellow', 'warning:')} ${visibleText(text)}\n`)
  }

  error(text: string): void {
    this.#line?.clear()
    process.stderr.write(`${paint('red', 'walrusfs:')} ${visibleText(text)}\n`)
  }

  /** Shows how far a wait has come, on a terminal; elsewhere only why it does not go on, once. */
  progress(progress: ControlProgress): void {
    if (this.#line) return this.#line.show(progress)
    if (progress.why === this.#why) return
    this.#why = progress.why
    if (progress.why !== undefined) this.note(`waiting: ${progress.why}`)
  }

  /** One line of free text that the next one replaces. */
  live(text: string): void {
    this.#line?.text(text)
  }

  clear(): void {
    this.#line?.clear()
  }
}

/** Colour on a terminal that wants it (NO_COLOR and friends are styleText's business). */
export function paint(color: 'red' | 'yellow' | 'green' | 'bold' | 'dim', text: string): string {
  return styleText(color, text, { stream: process.stderr })
}

function visibleLine(line: string | MarkedLine): string {
  return typeof line === 'string' ? visibleText(line) : `${line.mark}${visibleText(line.text)}`
}
