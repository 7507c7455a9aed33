import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { timed } from './amount.ts'
import type { Amount } from './amount.ts'

const blockBytes = 1 << 20

/** What is written: nothing that could be made smaller, and no megabyte twice. */
const block = randomFillSync(Buffer.alloc(blockBytes))

/** Writes a file of so many bytes, a megabyte a call, until it is closed. */
export function writeWhole(path: string, bytes: number): Amount {
  return timed(() => {
    const fd = openSync(path, 'w')
    let written = 0
    try {
      while (written < bytes) {
        block.writeDoubleLE(Math.random(), 0)
        written += writeSync(fd, block, 0, Math.min(blockBytes, bytes - written))
      }
    } finally {
      closeSync(fd)
    }
    return written
  })
}

/** Reads a file from its beginning to its end, a megabyte a call. */
export function readWhole(path: string): Amount {
  const into = Buffer.alloc(blockBytes)
  return timed(() => {
    const fd = openSync(path, 'r')
    let bytes = 0
    try {
      for (let got = readSync(fd, into); got > 0; got = readSync(fd, into)) bytes += got
    } finally {
      closeSync(fd)
    }
    return bytes
  })
}
