import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Document, isMap, parseDocument } from 'yaml'
import { Trouble } from '../terms/trouble.ts'
import { checkConfig, type Config, type DriveConfig, type NetworkConfig } from './config-schema.ts'

const heading = ` walrusfs: networks and drives. Keys lie beside this file in keys/.
 walrusfs config init --print shows every key.`

/** The configuration file: read, checked, and changed without losing the owner's comments. */
export class ConfigFile {
  readonly path: string
  readonly #document: Document

  private constructor(path: string, document: Document) {
    this.path = path
    this.#document = document
  }

  /**
   * Reads `config.yaml` of a directory, which is empty while it is absent, or a named `file`, which must be there unless it
   * `mayBeNew`. Throws Trouble `config` with line and reason.
   */
  static open(directory: string, named?: string, mayBeNew = named === undefined): ConfigFile {
    const file = ConfigFile.pathIn(directory, named)
    const text = textOf(file)
    if (text === undefined) {
      if (!mayBeNew) throw new Trouble('config', `the configuration file ${file} is not there`)
      const empty = new Document({})
      empty.commentBefore = heading
      return new ConfigFile(file, empty)
    }
    return ConfigFile.parse(file, text)
  }

  /** Where the configuration of a directory lies, unless a file is `named`. */
  static pathIn(directory: string, named?: string): string {
    return named ?? join(directory, 'config.yaml')
  }

  static exists(file: string): boolean {
    return existsSync(file)
  }

  /** Makes a file (0600) with this text. Throws Trouble `exists` where there is one. */
  static write(file: string, text: string): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      throw new Trouble('exists', `${file} is there already; nothing was written`, { cause })
    }
  }

  /** The file of this name with this text. Throws Trouble `config` with line and reason. */
  static parse(file: string, text: string): ConfigFile {
    const document = understood(file, () => parseDocument(text))
    const [error] = document.errors
    if (error) throw invalid(file, error)
    const config = new ConfigFile(file, document)
    void config.value
    return config
  }

  get value(): Config {
    const value: unknown = understood(this.path, () => this.#document.toJS() ?? {})
    return checkConfig(value, this.path)
  }

  setNetwork(name: string, network: NetworkConfig): void {
    this.#set(['networks', name], network)
  }

  setDrive(name: string, drive: DriveConfig): void {
    this.#set(['drives', name], drive)
  }

  /** Writes the file (0600) in one step. */
  save(): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    const next = `${this.path}.${process.pid}.new`
    writeFileSync(next, this.#document.toString(), { mode: 0o600 })
    renameSync(next, this.path)
  }

  #set(path: readonly [string, string], value: object): void {
    if (!isMap(this.#document.get(path[0])))
      this.#document.set(path[0], this.#document.createNode({}))
    this.#document.setIn(path, this.#document.createNode(value))
  }
}

/** The parser throws for names of nothing, for names of names that would fill the memory, and where lists go too deep. */
function understood<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw invalid(file, error)
  }
}

function invalid(file: string, cause: unknown): Trouble {
  const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
  return new Trouble('config', `${file} is not valid YAML: ${why}`, { cause })
}

/** Undefined where there is no such file. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Trouble('config', `the configuration cannot be read: ${why}`, { cause })
  }
}
