import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { SuiKey } from '../store/chain/sui-key.ts'
import { Trouble } from '../terms/trouble.ts'

const keyName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Private keys, one file each (0600) in `keys/` of the configuration (0700), as Sui's own `suiprivkey1…` text. */
export class Keystore {
  readonly #directory: string

  constructor(configDirectory: string) {
    this.#directory = join(configDirectory, 'keys')
  }

  /** Where a key lies. Throws Trouble for a name that cannot be a file name. */
  pathOf(name: string): string {
    if (!keyName.test(name)) throw new Trouble('usage', `${JSON.stringify(name)} cannot name a key`)
    return join(this.#directory, name)
  }

  /** Names of all keys, in order. */
  names(): string[] {
    if (!existsSync(this.#directory)) return []
    return readdirSync(this.#directory)
      .filter((name) => keyName.test(name))
      .sort()
  }

  has(name: string): boolean {
    return existsSync(this.pathOf(name))
  }

  /** Throws Trouble: `no-key`, or `config` when the file is not a key or others may read it. */
  load(name: string): SuiKey {
    const path = this.pathOf(name)
    if (!existsSync(path)) {
      throw new Trouble(
        'no-key',
        `the key ${name} is not there (${path}); without it the drive can only be read: copy the file from where the drive was created, or mount with --read-only`,
      )
    }
    if (statSync(path).mode & 0o077) {
      throw new Trouble('config', `others may read the key ${path}; run: chmod 600 ${path}`)
    }
    try {
      return SuiKey.fromText(readFileSync(path, 'utf8').trim())
    } catch (error) {
      throw new Trouble('config', `${path} holds no Sui private key (suiprivkey1…)`, {
        cause: error,
      })
    }
  }

  /** Makes a new key. Never replaces one. */
  create(name: string): SuiKey {
    const key = SuiKey.generate()
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    chmodSync(this.#directory, 0o700)
    writeFileSync(this.pathOf(name), `${key.toText()}\n`, { mode: 0o600, flag: 'wx' })
    return key
  }
}
