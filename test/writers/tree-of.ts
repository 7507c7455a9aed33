import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What lies below a directory: each path with its type, mode, and the bytes or the target as a hash. */
export async function treeOf(directory: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>()
  await look(directory, '', tree)
  return tree
}

async function look(top: string, below: string, tree: Map<string, string>): Promise<void> {
  for (const name of (await readdir(join(top, below))).toSorted()) {
    const path = below === '' ? name : `${below}/${name}`
    const stat = await lstat(join(top, path))
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isDirectory()) {
      tree.set(path, `directory ${mode}`)
      await look(top, path, tree)
    } else if (stat.isSymbolicLink()) {
      tree.set(path, `link to ${await readlink(join(top, path))}`)
    } else tree.set(path, `file ${mode} ${hashOf(await readFile(join(top, path)))}`)
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The first paths that differ, for people; none where both are the same. */
export function differences(one: Map<string, string>, other: Map<string, string>): string[] {
  const paths = new Set([...one.keys(), ...other.keys()])
  return [...paths]
    .filter((path) => one.get(path) !== other.get(path))
    .map(
      (path) => `${path}: ${one.get(path) ?? 'not there'}, and ${other.get(path) ?? 'not there'}`,
    )
}
