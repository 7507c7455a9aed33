import { LineLog, type Log } from '../runtime/log.ts'
import type { Context } from './command.ts'

/** The log of a command that runs on: standard error, warnings and worse unless asked for more. */
export function logOf({ verbose }: Pick<Context, 'verbose'>): Log {
  const level = verbose > 1 ? 'debug' : verbose === 1 ? 'info' : 'warn'
  return new LineLog((line) => process.stderr.write(`${line}\n`), level)
}
