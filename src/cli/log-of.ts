import { LineLog, type Log } from '../runtime/log.ts'
import { BoundedLog, logFileVariable } from './bounded-log.ts'
import type { Context } from './command.ts'

const maxLogBytes = 8 << 20

/** The log of a command that runs on: standard error, warnings and worse unless asked for more. */
export function logOf({ verbose }: Pick<Context, 'verbose'>): Log {
  const level = verbose > 1 ? 'debug' : verbose === 1 ? 'info' : 'warn'
  const file = process.env[logFileVariable]
  const bounded = file === undefined ? undefined : new BoundedLog(file, maxLogBytes)
  const sink = (line: string): void => {
    const text = `${line}\n`
    bounded?.makeRoom(Buffer.byteLength(text))
    process.stderr.write(text)
  }
  return new LineLog(sink, level)
}
