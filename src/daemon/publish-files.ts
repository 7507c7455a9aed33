import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import type { FileToPublish } from '../foreign/publish/plan-quilts.ts'
import { Trouble } from '../terms/trouble.ts'

/** A local file that is to be published. */
export interface LocalFile extends FileToPublish {
  readonly local: Buffer
}

/** What there is to publish, and what cannot be. */
export interface LocalFiles {
  readonly files: readonly LocalFile[]
  /** Local paths: symlinks, devices, sockets, pipes, names that are not UTF-8. */
  readonly leftOut: readonly string[]
}

/** All regular files below a directory. Throws Trouble `not-found`, `usage`. */
export function localFiles(directory: string): LocalFiles {
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (!stats) throw new Trouble('not-found', `${directory} is not there; nothing was published`)
  if (!stats.isDirectory()) {
    throw new Trouble('usage', `${directory} is no directory; nothing was published`)
  }
  const found: LocalFiles & { files: LocalFile[]; leftOut: string[] } = { files: [], leftOut: [] }
  walk(Buffer.from(directory), '', found)
  if (found.files.length > 0) return found
  throw new Trouble('usage', `${directory} holds no files; nothing was published`)
}

/** The bytes of a file. Throws Trouble when it is not what it was. */
export function contentsOf({ local, bytes }: LocalFile): Uint8Array {
  const contents = readFileSync(local)
  if (contents.length === bytes) return contents
  throw new Trouble(
    'failed',
    `${local.toString()} changes while it is read: publish it when it rests`,
  )
}

function walk(
  directory: Buffer,
  path: string,
  found: { files: LocalFile[]; leftOut: string[] },
): void {
  for (const name of readdirSync(directory, { encoding: 'buffer' })) {
    const local = Buffer.concat([directory, Buffer.from('/'), name])
    const stats = lstatSync(local)
    const below = path === '' ? name.toString() : `${path}/${name.toString()}`
    if (!isUtf8(name)) found.leftOut.push(local.toString())
    else if (stats.isDirectory()) walk(local, below, found)
    else if (stats.isFile()) found.files.push({ path: below, bytes: stats.size, local })
    else found.leftOut.push(local.toString())
  }
}
