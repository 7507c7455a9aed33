import { readSync, writeSync } from 'node:fs'

/** Reads exactly so many bytes of the file into memory. */
export function readExactly(descriptor: number, position: number, into: Uint8Array): void {
  for (let done = 0; done < into.length;) {
    const read = readSync(descriptor, into, done, into.length - done, position + done)
    if (read === 0) throw new Error(`the file ends at ${position + done} bytes`)
    done += read
  }
}

/** Writes all of the bytes. */
export function writeFully(descriptor: number, position: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
}
