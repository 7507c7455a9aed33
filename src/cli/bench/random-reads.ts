import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { timed } from './amount.ts'
import type { Amount } from './amount.ts'
import { expectRandomReads } from './page-cache.ts'
import { shuffled } from './shuffled.ts'

export const readBytes = 4096

/**
 * Reads of 4 KiB at random places, one after the other, no place twice: with the pages forgotten, each asks the file
 * system. At most as many as the file has whole places.
 */
export function randomReads(path: string, reads: number): Amount {
  const into = Buffer.alloc(readBytes)
  const fd = openSync(path, 'r')
  try {
    expectRandomReads(fd)
    const places = shuffled(Math.floor(fstatSync(fd).size / readBytes)).slice(0, reads)
    return timed(() => {
      let count = 0
      for (const place of places) {
        if (readSync(fd, into, 0, readBytes, place * readBytes) === readBytes) count++
      }
      return count
    })
  } finally {
    closeSync(fd)
  }
}
