import { styleText } from 'node:util'

/** A stream as far as colours go. */
interface Output {
  readonly isTTY?: boolean | undefined
}

export type Color = 'red' | 'yellow' | 'green'

/**
 * Whether colours are wanted there: `NO_COLOR` (any text) says no, `FORCE_COLOR` and `CLICOLOR_FORCE` (but 0) say yes, `CLICOLOR=0` says no;
 * else it is for terminals that know them.
 */
export function wantsColor(stream: Output, env: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM } = env
  if (NO_COLOR) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (CLICOLOR_FORCE && CLICOLOR_FORCE !== '0') return true
  if (CLICOLOR === '0') return false
  return stream.isTTY === true && TERM !== 'dumb'
}

/** Whether a line there can be written over. */
export function canMoveCursor(stream: Output, env = process.env): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** The text in a colour where that is wanted. */
export function paint(color: Color, text: string, stream: Output, env = process.env): string {
  return wantsColor(stream, env) ? styleText(color, text, { validateStream: false }) : text
}
