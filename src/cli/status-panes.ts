import type { WriteStream } from 'node:tty'
import type { DriveStatus } from '../control/status.ts'
import { timeText } from '../daemon/quantity.ts'
import { visibleLines, visibleText } from '../runtime/visible-text.ts'
import { paint, type Color } from './color.ts'
import { statusChanges } from './status-changes.ts'

/** Where the state of a mount is shown, again and again. */
export interface Pane {
  show(status: DriveStatus, nowMs: number): void
  /** It ended as it should. */
  end(text: string, nowMs: number): void
}

type Output = Pick<WriteStream, 'write' | 'isTTY' | 'columns' | 'rows'>

const colors = { ok: 'green', degraded: 'yellow', stuck: 'red' } as const satisfies Record<
  DriveStatus['health'],
  Color
>

/** Where values stand in the lines of `status`. */
const valueColumn = 13

/** All of it on a terminal, written over what was there before. */
export class RenewedLines implements Pane {
  readonly #output: Output
  readonly #linesOf: (status: DriveStatus, nowMs: number) => readonly string[]
  #shown = 0

  constructor(output: Output, linesOf: (status: DriveStatus, nowMs: number) => readonly string[]) {
    this.#output = output
    this.#linesOf = linesOf
  }

  show(status: DriveStatus, nowMs: number): void {
    const { columns, rows } = this.#output
    const room = Math.max(1, rows - 1)
    const lines = this.#linesOf(status, nowMs)
      .flatMap((line) => folded(visibleText(line), columns - 1))
      .slice(0, room)
      .map((line) => this.#painted(line, status))
    // Back to the first line of the last picture, and what is below it away.
    const back = this.#shown > 0 ? `\x1b[${this.#shown}A` : ''
    this.#output.write(`${back}\r\x1b[J${lines.join('\n')}\n`)
    this.#shown = lines.length
  }

  end(text: string): void {
    this.#output.write(`${visibleText(text)}\n`)
  }

  #painted(line: string, { health }: DriveStatus): string {
    if (line.startsWith('!') || line.startsWith('health')) {
      return paint(colors[health], line, this.#output)
    }
    return line
  }
}

/** A line over as many as it needs, cut between words where that goes; what follows stands under the value. */
function folded(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const indent = Math.min(valueColumn, Math.floor(width / 2))
  const space = line.lastIndexOf(' ', width)
  const at = space > indent ? space : Math.max(indent + 1, width)
  return [line.slice(0, at), ...folded(' '.repeat(indent) + line.slice(at).trimStart(), width)]
}

/** A line for each change, where nothing can be written over. */
export class ChangeLines implements Pane {
  readonly #output: Pick<Output, 'write'>
  #before: DriveStatus | undefined

  constructor(output: Pick<Output, 'write'>) {
    this.#output = output
  }

  show(status: DriveStatus, nowMs: number): void {
    for (const text of statusChanges(this.#before, status)) this.end(text, nowMs)
    this.#before = status
  }

  end(text: string, nowMs: number): void {
    this.#output.write(`${timeText(nowMs)}  ${visibleText(text)}\n`)
  }
}

/** The state as one line of JSON for each change of the same kind. */
export class JsonLines implements Pane {
  readonly #output: Pick<Output, 'write'>
  #before: DriveStatus | undefined

  constructor(output: Pick<Output, 'write'>) {
    this.#output = output
  }

  show(status: DriveStatus): void {
    const isChanged = statusChanges(this.#before, status).length > 0
    if (isChanged) this.#output.write(`${visibleLines(JSON.stringify(status))}\n`)
    this.#before = status
  }

  end(): void {}
}
