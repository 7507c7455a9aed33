import { Trouble } from '../../terms/trouble.ts'
import type { Inode } from '../../tree/inode.ts'
import { inodeAt, isDirectory, textOf } from '../drive-files.ts'
import type { Drive } from '../open-drive.ts'

/** A pin in a mounted drive. */
export interface Pin {
  path: string
  /** Held while the mount lasts, so that it is found wherever it is moved to. */
  inode: Inode | undefined
}

/**
 * What a pin is about now. A directory is followed wherever it is moved; of a file the path counts, as programs save by putting a
 * new file in its place, and only where nothing is there it is followed. Changes the pin's path and inode; undefined where neither
 * is there any more.
 */
export async function settle(drive: Pick<Drive, 'worktree'>, pin: Pin): Promise<Inode | undefined> {
  const there = await inodeIfThere(drive, pin.path)
  const held = pin.inode
  if (held && there !== held && (!there || isDirectory(held))) {
    const path = await placeOf(drive, held)
    if (path !== undefined) {
      pin.path = path
      return held
    }
  }
  hold(drive, pin, there)
  return there
}

/** Lets go of what a pin holds. */
export function letGo(drive: Pick<Drive, 'worktree'>, pin: Pin): void {
  hold(drive, pin, undefined)
}

function hold({ worktree }: Pick<Drive, 'worktree'>, pin: Pin, inode: Inode | undefined): void {
  if (pin.inode === inode) return
  if (inode) worktree.retain(inode)
  if (pin.inode) worktree.release(pin.inode)
  pin.inode = inode
}

async function inodeIfThere(
  drive: Pick<Drive, 'worktree'>,
  path: string,
): Promise<Inode | undefined> {
  try {
    return await inodeAt(drive, path)
  } catch (error) {
    if (error instanceof Trouble && error.code === 'not-found') return undefined
    throw error
  }
}

/** The path of an inode; undefined where it has none any more. */
async function placeOf(
  { worktree }: Pick<Drive, 'worktree'>,
  inode: Inode,
): Promise<string | undefined> {
  const names: string[] = []
  for (let at = inode; at !== worktree.root; at = at.parent!) {
    const { parent, name } = at
    if (!parent || name === undefined || at.nlink === 0) return undefined
    if ((await worktree.lookup(parent, name)) !== at) return undefined
    names.unshift(textOf(name))
  }
  return `/${names.join('/')}`
}
