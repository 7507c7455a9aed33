import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { total, timed } from './amount.ts'
import type { Amount } from './amount.ts'

/** Appends 4 KiB and waits until they are stable, time after time; only the waiting counts. */
export function appendAndSync(path: string, times: number): Amount {
  const bytes = Buffer.alloc(4096, 'walrus ')
  const fd = openSync(path, 'w')
  try {
    return total(
      Array.from({ length: times }, () => {
        writeSync(fd, bytes)
        return timed(() => {
          fsyncSync(fd)
          return 1
        })
      }),
    )
  } finally {
    closeSync(fd)
  }
}
