import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Drive } from './open-drive.ts'

/** Where a daemon says that it runs: a writable drive's state directory; of a read-only mount, one of its own. */
export function runDirectoryOf({ writable, request }: Drive): string {
  const own = `${request.drive.name}.read-only-${process.pid}`
  const directory = writable?.stateDirectory ?? join(request.directories.state, own)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return directory
}
