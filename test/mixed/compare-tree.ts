import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Known, KnownTree } from './known-tree.ts'
import { compareFile, Mismatch, pastPages } from './look-at-file.ts'

/** How closely a tree is looked at. */
export type Look = 'names' | 'bytes' | 'bytes past pages'

/**
 * Compares what lies below a directory with what is known of it. Resolves with what differs, for people, and the bytes read. Rejects
 * with what the file system says.
 */
export async function compareTree(
  top: string,
  tree: KnownTree,
  how: Look,
): Promise<{ wrong: string[]; bytes: number }> {
  const wrong: string[] = []
  let bytes = 0
  for (const path of ['', ...tree.paths('directory')]) {
    const there = (await readdir(join(top, path))).sort().join(', ')
    const known = tree.namesIn(path).sort().join(', ')
    if (there !== known) wrong.push(`${join(top, path)} holds [${there}] and is to hold [${known}]`)
  }
  for (const path of tree.paths()) {
    try {
      bytes += await compareEntry(join(top, path), tree.get(path)!, how)
    } catch (error) {
      if (!(error instanceof Mismatch) && (error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw error
      wrong.push((error as Error).message)
    }
  }
  return { wrong, bytes }
}

/** Compares what lies under one name. Throws Mismatch. */
export async function compareEntry(path: string, known: Known, how: Look): Promise<number> {
  const stat = await lstat(path)
  switch (known.type) {
    case 'directory':
      if (!stat.isDirectory()) throw new Mismatch(`${path} is no directory`)
      return 0
    case 'link':
      if (!stat.isSymbolicLink() || (await readlink(path)) !== known.target)
        throw new Mismatch(`${path} is no link to ${known.target}`)
      return 0
    case 'file':
      if (!stat.isFile()) throw new Mismatch(`${path} is no file`)
      if (stat.size !== known.content.size)
        throw new Mismatch(`${path} has ${stat.size} bytes instead of ${known.content.size}`)
      if ((stat.mode & 0o7777) !== known.mode)
        throw new Mismatch(
          `${path} has mode ${stat.mode.toString(8)}, not ${known.mode.toString(8)}`,
        )
      return how === 'names' ? 0 : compareFile(path, known.content, flagsOf(how))
  }
}

/** To read the bytes that the daemon has, and not those that the kernel kept. */
function flagsOf(how: Look): number | undefined {
  return how === 'bytes past pages' ? pastPages : undefined
}
