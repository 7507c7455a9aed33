import { spawnSync } from 'node:child_process'
import { accessSync, constants, writeFileSync } from 'node:fs'

const path = '/proc/sys/vm/drop_caches'

/** Why {@link dropCaches} does nothing here; false when it works. */
export function noDropping(): string | false {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch {
    return `needs root, to drop the kernel's caches through ${path}`
  }
}

/** Makes the kernel forget clean pages, or names and attributes, or both, of all file systems. Throws without root. */
export function dropCaches(what: 'pages' | 'names' | 'all'): void {
  spawnSync('sync')
  writeFileSync(path, { pages: '1', names: '2', all: '3' }[what])
}
