import { open, readdir } from 'node:fs/promises'
import type { Act } from './act.ts'
import { KnownContent, seedHeadBytes } from './known-content.ts'
import { Mismatch, pastPages } from './look-at-file.ts'
import type { WorkPlace } from './work-place.ts'

/** What another machine has removed or replaced meanwhile. */
const gone = ['ENOENT', 'ESTALE']

/** Reads files that say themselves what they hold, while another machine replaces them. */
export function readSaved({ top, at, among, odds }: WorkPlace): Act {
  const run = async () => {
    try {
      const names = (await readdir(top)).filter((name) => !name.startsWith('.'))
      const name = among(names)
      return name === undefined ? 0 : await readSelfTold(at(name), odds(0.8) ? pastPages : 'r')
    } catch (error) {
      if (gone.includes((error as NodeJS.ErrnoException).code ?? '')) return 0
      throw error
    }
  }
  return { kind: 'read elsewhere', changes: [], run }
}

async function readSelfTold(path: string, flags: number | 'r'): Promise<number> {
  const file = await open(path, flags)
  try {
    const { size } = await file.stat()
    const bytes = await file.readFile()
    if (bytes.length < seedHeadBytes)
      throw new Mismatch(`${path} has only ${bytes.length} bytes (${size} by stat)`)
    const known = KnownContent.selfTold(bytes.readDoubleBE(), bytes.length)
    if (!bytes.equals(known.bytes(0, bytes.length)) || bytes.length !== size)
      throw new Mismatch(
        `${path} holds no version that was ever saved (${bytes.length} of ${size} bytes)`,
      )
    return size
  } finally {
    await file.close()
  }
}
