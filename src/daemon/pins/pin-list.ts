import { Trouble } from '../../terms/trouble.ts'
import type { Drive } from '../open-drive.ts'
import type { PinFile } from './pin-file.ts'
import { letGo, type Pin } from './pin-place.ts'

/** The pins of a mount, as the file of the drive has them. */
export class PinList {
  readonly #drive: Pick<Drive, 'worktree'>
  readonly #file: PinFile
  #pins: Pin[] = []
  /** As the file has them. */
  #kept = ''
  /** Why the file is not used. */
  trouble: string | undefined
  /** Grows with each change of the list and of the drive's tree. */
  changes = 0

  constructor(drive: Pick<Drive, 'worktree'>, file: PinFile) {
    this.#drive = drive
    this.#file = file
  }

  get pins(): readonly Pin[] {
    return this.#pins
  }

  /** Takes over what another process has written. */
  refresh(): void {
    if (!this.#file.isChanged) return
    try {
      const kept = this.#file.read()
      this.trouble = undefined
      this.#replace(kept.map(({ path }) => this.#find(path) ?? { path, inode: undefined }))
      this.#kept = this.#text()
    } catch (error) {
      this.trouble = (error as Error).message
    }
  }

  /** With these paths, too. Throws Trouble `disk-full` where the list cannot be written. */
  with(paths: readonly string[]): Pin[] {
    const fresh = new Set(paths.filter((path) => !this.#find(path)))
    return [...this.#pins, ...[...fresh].map((path): Pin => ({ path, inode: undefined }))]
  }

  /** Throws Trouble `not-found` for a path that is not pinned itself. */
  without(paths: readonly string[]): Pin[] {
    for (const path of paths) if (!this.#find(path)) throw this.#notPinned(path)
    return this.#pins.filter(({ path }) => !paths.includes(path))
  }

  /** These are the pins from now on, on stable storage when it returns. */
  set(pins: readonly Pin[]): void {
    this.#write(pins)
    this.#replace(pins)
  }

  /** Writes where the pins have moved to. */
  keep(): void {
    if (this.#text() !== this.#kept) this.#write(this.#pins)
  }

  close(): void {
    for (const pin of this.#pins) letGo(this.#drive, pin)
  }

  #replace(pins: readonly Pin[]): void {
    for (const pin of this.#pins) if (!pins.includes(pin)) letGo(this.#drive, pin)
    this.#pins = [...pins]
    this.changes++
  }

  #write(pins: readonly Pin[]): void {
    try {
      this.#file.write(pins.map(({ path, inode }) => ({ path, ino: inode?.ino })))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new Trouble(
        code === 'ENOSPC' ? 'disk-full' : 'failed',
        `the list of pins cannot be written (${message}); it is as it was before`,
        { cause: error },
      )
    }
    this.#kept = this.#text(pins)
  }

  #text(pins: readonly Pin[] = this.#pins): string {
    return JSON.stringify(pins.map(({ path }) => path))
  }

  #find(path: string): Pin | undefined {
    return this.#pins.find((pin) => pin.path === path)
  }

  #notPinned(path: string): Trouble {
    const above = this.#pins.find((pin) => path.startsWith(pin.path === '/' ? '/' : `${pin.path}/`))
    const why = above ? `: it is kept because ${above.path} is` : ''
    return new Trouble('not-found', `${path} is not pinned${why}`)
  }
}
