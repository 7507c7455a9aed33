import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Shell } from './shell.ts'

const checkout = resolve(import.meta.dirname, '../..')

/** What a page shows as the homes of its people, and as their machine. */
const shownHost = 'laptop'

/** What a traveller has beside an empty home. */
export interface Luggage {
  /** The directory of a local network that runs already. */
  readonly devnet?: string
  /** The text of config.yaml. */
  readonly config?: string
  /** A checkout of their own, in which the terminal begins. */
  readonly checkout?: boolean
}

/** Somebody who follows a page: an empty home, `walrusfs` on the PATH, and a terminal in that home. */
export class Traveller {
  readonly home: string
  /** Where the terminal begins. */
  readonly directory: string
  readonly shell: Shell
  readonly #root = mkdtempSync(join(tmpdir(), 'walrusfs-guide-'))
  readonly #ownsDevnet: boolean

  constructor(name: string, { devnet, config, checkout: hasCheckout = false }: Luggage = {}) {
    this.home = join(this.#root, 'home', name)
    this.#ownsDevnet = devnet === undefined
    for (const path of [this.home, join(this.#root, 'bin')]) mkdirSync(path, { recursive: true })
    this.#putOnPath()
    if (devnet !== undefined) this.#reach(devnet)
    if (config !== undefined) this.#configure(config)
    this.directory = hasCheckout ? this.#copyCheckout() : this.home
    this.shell = new Shell(this.#root, this.env, this.directory)
  }

  get env(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = {}
    for (const [key, value] of Object.entries(process.env)) {
      if (!/^(WALRUSFS_|XDG_|AWS_|npm_|TAP|NO_COLOR|FORCE_COLOR|LC_)/i.test(key)) env[key] = value
    }
    return {
      ...env,
      NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/walrusfs'),
      HOME: this.home,
      CHECKOUT: checkout,
      PATH: `${join(this.#root, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
      LC_ALL: 'C.UTF-8',
    }
  }

  /** Output as the page has it: its home is `/home/NAME`, its machine `laptop`. */
  asShown(output: string): string {
    return output
      .replaceAll(join(this.#root, 'home'), '/home')
      .replaceAll(new RegExp(`\\b${hostname()}\\b`, 'g'), shownHost)
  }

  /** Takes everything away that is mounted in the home, ends what was started, and deletes it. */
  async leave(): Promise<number[]> {
    const statuses = await this.shell.end()
    for (const path of mountsBelow(this.#root)) {
      this.#walrusfs('umount', '--lazy', path)
      if (mountsBelow(path).length > 0) spawnSync('fusermount3', ['-u', '-z', '--', path])
    }
    if (this.#ownsDevnet) this.#walrusfs('devnet', 'stop')
    rmSync(this.#root, { recursive: true, force: true })
    return statuses
  }

  #putOnPath(): void {
    const file = join(this.#root, 'bin/walrusfs')
    writeFileSync(
      file,
      `#!/bin/sh\nexec '${process.execPath}' '${checkout}/src/cli/main.ts' "$@"\n`,
    )
    chmodSync(file, 0o755)
  }

  #reach(devnet: string): void {
    const state = join(this.home, '.local/state/walrusfs')
    mkdirSync(state, { recursive: true })
    symlinkSync(devnet, join(state, 'devnet'))
  }

  #configure(text: string): void {
    const directory = join(this.home, '.config/walrusfs')
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(join(directory, 'config.yaml'), text, { mode: 0o600 })
  }

  #copyCheckout(): string {
    const copy = join(this.home, 'walrusfs')
    mkdirSync(copy)
    for (const name of ['package.json', 'package-lock.json', 'src', 'systemd']) {
      cpSync(join(checkout, name), join(copy, name), { recursive: true, preserveTimestamps: true })
    }
    symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'))
    return copy
  }

  #walrusfs(...args: string[]): void {
    spawnSync(join(this.#root, 'bin/walrusfs'), args, { env: this.env })
  }
}

/** What is mounted there or below, the innermost first. */
function mountsBelow(path: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((at) => at === path || at.startsWith(`${path}/`))
    .sort()
    .reverse()
}
