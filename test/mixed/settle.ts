import { lstat, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Act, Change } from './act.ts'
import { compareEntry } from './compare-tree.ts'
import type { Known, KnownTree } from './known-tree.ts'
import { Mismatch } from './look-at-file.ts'

/**
 * Looks what became of an act that was broken off, and takes that for known; a file that is half old and half new is removed.
 * Throws Mismatch where something is neither; rejects with what the file system says, and can then be called again.
 */
export async function settle(top: string, tree: KnownTree, act: Act): Promise<void> {
  for (const path of act.leavings ?? []) await rm(join(top, path), { force: true })
  if (act.move) {
    const { from, to } = act.move
    if (!(await isThere(join(top, from)))) tree.move(from, to)
    return
  }
  for (const change of act.changes) await settleChange(top, tree, change)
}

async function settleChange(top: string, tree: KnownTree, change: Change): Promise<void> {
  const { path, before, after, how } = change
  const full = join(top, path)
  if (!(await isThere(full))) {
    if (before && after) throw new Mismatch(`${full} is gone`)
    if (change.promised) throw new Mismatch(`${full} is gone, after its fsync`)
    tree.set(path, undefined)
    return
  }
  for (const known of [after, before]) {
    if (!known || !(await isAs(full, known))) continue
    if (known === before && before !== after && change.promised)
      throw new Mismatch(`${full} is as before, after its fsync`)
    tree.set(path, known)
    return
  }
  const why = await wrongWithParts(full, change)
  if (how === 'whole' || why !== undefined)
    throw new Mismatch(`${full} is neither what it was nor what it became${why ? `: ${why}` : ''}`)
  await rm(full)
  tree.set(path, undefined)
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

async function isAs(path: string, known: Known): Promise<boolean> {
  try {
    await compareEntry(path, known, 'bytes')
    return true
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    return false
  }
}

/** Why a file is no mixture of what an interrupted act leaves; undefined if it is. */
async function wrongWithParts(path: string, change: Change): Promise<string | undefined> {
  const { before, after, how, promised = 0 } = change
  if (after?.type !== 'file') return 'it is no file'
  const got = await readFile(path)
  const fresh = after.content.bytes(0, after.content.size)
  const old =
    before?.type === 'file' && how === 'grown'
      ? before.content.bytes(0, before.content.size)
      : undefined
  if (got.length > fresh.length || got.length < (old?.length ?? 0))
    return `it has ${got.length} bytes`
  if (got.length < promised) return `it has ${got.length} of ${promised} bytes after its fsync`
  const bad = got.findIndex((byte, i) => {
    if (byte === fresh[i]) return false
    if (i < promised) return true
    return old && i < old.length ? byte !== old[i] : byte !== 0
  })
  return bad < 0 ? undefined : `byte ${bad} of ${got.length} is ${got[bad]}`
}
