import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { maxInlineBytes, maxInlineRecords } from '../../src/manifest/limits.ts'
import type { Pace } from '../../src/daemon/pace.ts'
import { driveStatus } from '../../src/daemon/drive-status.ts'
import { openDrive, type Drive } from '../../src/daemon/open-drive.ts'
import { settingsOf } from '../../src/daemon/settings.ts'
import type { Keystore } from '../../src/daemon/keystore.ts'
import type { NetworkParameters } from '../../src/store/networks.ts'
import type { ObjectId } from '../../src/terms/object-id.ts'
import type { DriveStatus } from '../../src/control/status.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { contents, write } from '../writeback/files.ts'

/** Packs are paid for so long. */
export const epochs = 5
export const keyName = 'key'

/** Where the drive is, and the key to it. */
export interface Place {
  readonly manifest: ObjectId
  readonly network: NetworkParameters
  readonly keys: Keystore
}

export interface MachineOptions {
  readonly pace: Pace
  readonly readOnly?: boolean
  /** Small changes go into the manifest. @default false: all go into packs */
  readonly savesSmall?: boolean
}

/** A machine that has the drive open as a daemon has it, but for the kernel. */
export class Machine {
  drive: Drive
  readonly lines: readonly string[]
  readonly savesSmall: boolean
  readonly #home: string
  readonly #open: (pace: Pace) => Promise<Drive>

  private constructor(
    drive: Drive,
    lines: readonly string[],
    savesSmall: boolean,
    home: string,
    open: (pace: Pace) => Promise<Drive>,
  ) {
    this.drive = drive
    this.lines = lines
    this.savesSmall = savesSmall
    this.#home = home
    this.#open = open
  }

  static async open(place: Place, home: string, options: MachineOptions): Promise<Machine> {
    const { pace, readOnly = false, savesSmall = false } = options
    const lines: string[] = []
    const settings = settingsOf({
      memory: '16M',
      cacheSize: '64M',
      writebackDelay: '10h',
      appendDelay: savesSmall ? '1s' : 'off',
      epochs,
      codec: 'scalar',
    })
    const request = {
      drive: { name: 'drive', network: 'devnet', manifest: place.manifest, key: keyName },
      network: place.network,
      directories: {
        config: home,
        state: join(home, 'state'),
        cache: join(home, 'cache'),
        devnet: home,
      },
      keys: place.keys,
      readOnly,
      log: new LineLog((line) => lines.push(line), 'debug'),
      warn: (text: string) => lines.push(text),
    }
    const open = (pace: Pace) =>
      openDrive({ ...request, settings: { ...settings, pace } }, AbortSignal.timeout(60_000))
    return new Machine(await open(pace), lines, savesSmall, home, open)
  }

  /** What `walrusfs status` would show. */
  get status(): DriveStatus {
    const mount = { mountPoint: '/mnt', driver: 'none', driverDetails: '', startedMs: 0 }
    const account = {
      balances: undefined,
      expiry: undefined,
      refused: undefined,
      scrub: undefined,
      pins: undefined,
    }
    return driveStatus(this.drive, mount, account, this.pace.clock.now())
  }

  /** Writes a whole file in the root. */
  async write(name: string, bytes: Buffer): Promise<void> {
    await write(this.drive, name, bytes)
  }

  /** The bytes of a file in the root; undefined where there is none. Throws FsError. */
  async read(name: string): Promise<Buffer | undefined> {
    const { worktree, content } = this.drive
    const inode = await worktree.lookup(worktree.root, nameFromText(name))
    if (!inode) return undefined
    await worktree.extents(inode)
    const into = Buffer.alloc(inode.size)
    const got = content.read(inode, 0, into)
    return typeof got === 'number' ? into.subarray(0, got) : Buffer.from(await got)
  }

  /** Names and bytes of all files. Throws FsError. */
  contents(): Promise<Map<string, Buffer>> {
    return contents(this.drive)
  }

  /** Everything written before is committed when it resolves. */
  async sync(signal: AbortSignal): Promise<void> {
    await this.drive.writable!.writeBack.sync(signal)
  }

  /** The manifest takes many small changes more when it resolves. */
  async makeRoom(signal: AbortSignal): Promise<void> {
    const { inline } = await this.drive.manifest.load(signal)
    const bytes = inline.reduce((sum, { length }) => sum + length, 0)
    if (bytes > maxInlineBytes / 2 || inline.length > maxInlineRecords / 2) {
      await this.drive.writable!.writeBack.fold(signal)
    }
  }

  get pace(): Pace {
    return this.drive.request.settings.pace
  }

  /** Ends, and goes on with what is in its state directory. */
  async restart(pace: Pace): Promise<void> {
    await this.drive.close()
    this.drive = await this.#open(pace)
  }

  /** Ends, and leaves nothing behind. */
  async leave(): Promise<void> {
    await this.drive.close()
    rmSync(this.#home, { recursive: true, force: true })
  }
}
