import type { Content } from '../../src/content/content-api.ts'
import { nameFromText } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { WorktreeApi } from '../../src/tree/worktree-api.ts'

/** Names and bytes of a drive. */
interface Parts {
  readonly worktree: WorktreeApi
  readonly content: Content
}

let now = 1

function time() {
  return { sec: ++now, nsec: 5 }
}

/** Writes a whole file in the root, replacing what is there. */
export async function write(parts: Parts, name: string, bytes: Uint8Array): Promise<void> {
  const { worktree, content } = parts
  const known = await worktree.lookup(worktree.root, nameFromText(name))
  const inode = known ?? make(parts, name, 0o100644)
  worktree.apply({ type: 'attributes', ino: inode.ino, size: 0, time: time() })
  for (let at = 0; at < bytes.length; at += 1 << 19) {
    const part = bytes.subarray(at, at + (1 << 19))
    for (const { offset, slice } of content.write(inode, at, part)) {
      worktree.apply({ type: 'write', ino: inode.ino, offset, slice, time: time() })
    }
  }
}

/** Writes in the middle of a file that is there. */
export async function patch(
  parts: Parts,
  name: string,
  at: number,
  bytes: Uint8Array,
): Promise<void> {
  const { worktree, content } = parts
  const inode = await worktree.lookup(worktree.root, nameFromText(name))
  if (!inode) throw new Error(`no ${name}`)
  await worktree.extents(inode)
  for (const { offset, slice } of content.write(inode, at, bytes)) {
    worktree.apply({ type: 'write', ino: inode.ino, offset, slice, time: time() })
  }
}

export function make({ worktree }: Parts, name: string, mode: number, parent = 1): Inode {
  const ino = worktree.allocate()
  const owner = { uid: 1, gid: 2, rdev: 0 }
  return worktree.apply({
    type: 'make',
    parent,
    name: nameFromText(name),
    ino,
    mode,
    ...owner,
    time: time(),
  })
}

export function remove({ worktree }: Parts, name: string): void {
  worktree.apply({ type: 'unlink', parent: 1, name: nameFromText(name), time: time() })
}

/** The files in the root with their bytes. */
export async function contents(parts: Parts): Promise<Map<string, Buffer>> {
  const { worktree, content } = parts
  const found = new Map<string, Buffer>()
  for (const { name, inode } of (await worktree.entries(worktree.root)).after(0)) {
    await worktree.extents(inode)
    const into = Buffer.alloc(inode.size)
    const got = content.read(inode, 0, into)
    found.set(name, typeof got === 'number' ? into.subarray(0, got) : Buffer.from(await got))
  }
  return found
}

/** Bytes that compress badly and differ by seed. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0, x = seed * 2654435761; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}
