import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

/** What nothing reads at run time. */
const notNeeded = /\.(map|d\.[cm]?ts|ts|md|markdown|flow|c|cc|h)$/
const licence = /(^|\/)(LICEN[CS]E|COPYING|NOTICE)/i

/** The files of a package while it is put together, below a directory. Modes are those of a package, whatever the umask. */
export class PackageTree {
  readonly root: string

  constructor(root: string) {
    this.root = root
    this.#directory(root)
  }

  write(path: string, text: string | Uint8Array, mode = 0o644): void {
    const file = this.#place(path)
    writeFileSync(file, text)
    chmodSync(file, mode)
  }

  /** Compressed as manual pages and change logs are in packages: the same bytes each time. */
  gzip(path: string, text: string): void {
    this.write(`${path}.gz`, gzipSync(text, { level: 9 }))
  }

  copy(from: string, path: string, mode = 0o644): void {
    const file = this.#place(path)
    copyFileSync(from, file)
    chmodSync(file, mode)
  }

  /** A directory with all below it that a program needs at run time, and licences; packages inside packages are left out. */
  copyProgram(from: string, path: string): void {
    for (const entry of readdirSync(from, { recursive: true, encoding: 'utf8' }).sort()) {
      const inside = `/${entry}`
      if (/\/node_modules(\/|$)/.test(inside) || !lstatSync(join(from, entry)).isFile()) continue
      if (notNeeded.test(inside) && !licence.test(inside)) continue
      this.copy(join(from, entry), join(path, entry))
    }
  }

  directory(path: string): void {
    this.#directory(join(this.root, path))
  }

  /** `md5sums` of all that is installed, and its size in KiB. */
  sums(): { readonly md5sums: string; readonly kib: number } {
    const files = readdirSync(this.root, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('DEBIAN') && lstatSync(join(this.root, path)).isFile())
      .sort()
    const lines = files.map((path) => {
      const sum = createHash('md5').update(readFileSync(join(this.root, path)))
      return `${sum.digest('hex')}  ${path}\n`
    })
    const sizes = files.map((path) => Math.ceil(lstatSync(join(this.root, path)).size / 1024))
    return { md5sums: lines.join(''), kib: sizes.reduce((sum, size) => sum + size, 0) }
  }

  #place(path: string): string {
    const file = join(this.root, path)
    this.#directory(dirname(file))
    return file
  }

  #directory(path: string): void {
    const inside = relative(this.root, path)
    mkdirSync(path, { recursive: true })
    for (let at = inside; at !== '' && at !== '.'; at = dirname(at)) {
      chmodSync(join(this.root, at), 0o755)
    }
    chmodSync(this.root, 0o755)
  }
}
