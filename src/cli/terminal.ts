import type { ControlProgress } from '../control/protocol.ts'
import { visibleLines, visibleText } from '../runtime/visible-text.ts'
import { exitCodes, type TroubleCode } from '../terms/trouble.ts'
import { canMoveCursor, paint } from './color.ts'
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
  #hasResult = false

  constructor(options: { readonly json: boolean; readonly quiet: boolean }) {
    this.json = options.json
    this.quiet = options.quiet
    const live = canMoveCursor(process.stderr) && !options.json && !options.quiet
    this.#line = live ? new ProgressLine(process.stderr) : undefined
  }

  /**
   * The command's result: one JSON value with --json, else the lines. Names, and whatever else others have written, may stand in them
   * as they are.
   */
  result(value: unknown, lines: () => readonly (string | MarkedLine)[]): void {
    this.#line?.clear()
    this.#hasResult = true
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
    const mark = paint('yellow', 'warning:', process.stderr)
    process.stderr.write(`${mark} ${visibleText(text)}\n`)
  }

  error(text: string): void {
    this.#line?.clear()
    const mark = paint('red', 'walrusfs:', process.stderr)
    process.stderr.write(`${mark} ${visibleText(text)}\n`)
  }

  /**
   * What the command ends with instead of success. With --json it is the one JSON value, unless there was a result: then it is told on
   * standard error, as everything else is.
   */
  failure(code: TroubleCode, message: string): void {
    if (!this.json || this.#hasResult) return this.error(message)
    const error = { code, exit: exitCodes[code], message }
    this.result({ error }, () => [])
  }

  /** Shows how far a wait has come, on a terminal; elsewhere only why it does not go on, once. */
  progress(progress: ControlProgress): void {
    if (this.#line) return this.#line.show(progress)
    if (progress.why === this.#why) return
    this.#why = progress.why
    if (progress.why !== undefined) this.note(`waiting: ${progress.why}`)
  }

  /** Lines can be written over here. */
  get isLive(): boolean {
    return this.#line !== undefined
  }

  /** One line of free text that the next one replaces. */
  live(text: string): void {
    this.#line?.text(text)
  }

  clear(): void {
    this.#line?.clear()
  }
}

function visibleLine(line: string | MarkedLine): string {
  return typeof line === 'string' ? visibleText(line) : `${line.mark}${visibleText(line.text)}`
}
