import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { timed } from './amount.ts'
import type { Amount } from './amount.ts'
import { shuffled } from './shuffled.ts'

export const smallFileBytes = 4096

const nameOf = (index: number): string => `f${index}`

/** Makes the directory and files of 4 KiB in it, each with other bytes. */
export function createFiles(directory: string, files: number): Amount {
  const bytes = randomFillSync(Buffer.alloc(smallFileBytes))
  mkdirSync(directory)
  return timed(() => {
    for (let index = 0; index < files; index++) {
      const fd = openSync(join(directory, nameOf(index)), 'wx')
      bytes.writeDoubleLE(Math.random(), 0)
      writeSync(fd, bytes)
      closeSync(fd)
    }
    return files
  })
}

/** lstat of each of the files that {@link createFiles} made, in random order. */
export function statFiles(directory: string, files: number): Amount {
  const paths = shuffled(files).map((index) => join(directory, nameOf(index)))
  return timed(() => {
    for (const path of paths) lstatSync(path)
    return files
  })
}

/** Names and attributes of a directory, as `ls -l` wants them. */
export function listFiles(directory: string): Amount {
  return timed(() => {
    const names = readdirSync(directory)
    for (const name of names) lstatSync(join(directory, name))
    return names.length
  })
}

/** Deletes all files of a directory, and the directory. */
export function deleteFiles(directory: string): Amount {
  const names = readdirSync(directory)
  return timed(() => {
    for (const name of names) unlinkSync(join(directory, name))
    rmdirSync(directory)
    return names.length
  })
}
