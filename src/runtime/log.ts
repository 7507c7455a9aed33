import { visibleText } from './visible-text.ts'

/** Levels from worst to most detailed. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** One line for people or for a collector: a message and a few named values, no secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Where the rooms say what happened. Implementations never throw. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  /** The same log with a room's name before each message. */
  room(name: string): Log
}

/** Writes to a sink, one call a line, what is at or above the given level. */
export class LineLog implements Log {
  readonly #sink: (line: string) => void
  readonly #level: LogLevel
  readonly #room: string

  constructor(sink: (line: string) => void, level: LogLevel, room = '') {
    this.#sink = sink
    this.#level = level
    this.#room = room
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields)
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields)
  }

  room(name: string): Log {
    return new LineLog(this.#sink, this.#level, name)
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return
    const values = Object.entries(fields ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${typeof value === 'string' ? quote(value) : value}`)
    const room = this.#room ? `${this.#room}: ` : ''
    const line = `${new Date().toISOString()} ${level} ${room}${message}${values.join('')}`
    this.#sink(visibleText(line))
  }
}

/** Passes on all but the names of files: for drives whose names nobody is to read on the disk. */
export class NamelessLog implements Log {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  error(message: string, fields?: LogFields): void {
    this.#log.error(message, nameless(fields))
  }

  warn(message: string, fields?: LogFields): void {
    this.#log.warn(message, nameless(fields))
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, nameless(fields))
  }

  debug(message: string, fields?: LogFields): void {
    this.#log.debug(message, nameless(fields))
  }

  room(name: string): Log {
    return new NamelessLog(this.#log.room(name))
  }
}

function nameless(fields: LogFields = {}): LogFields {
  const { path, ...others } = fields
  return path === undefined ? others : { path: '(not said: the drive is sealed)', ...others }
}

/** Says nothing. For tests and for parts used without a daemon. */
export const silentLog: Log = new LineLog(() => {}, 'error')

function quote(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
}
