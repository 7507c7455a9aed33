import { noise } from '../writeback/files.ts'
import { chances } from '../runtime/chances.ts'

/** What a program does with files in the root, and what a drive does with it. */
export type Act =
  | { readonly kind: 'write'; readonly name: string; readonly bytes: Buffer }
  | {
      readonly kind: 'patch'
      readonly name: string
      readonly at: number
      readonly bytes: Buffer
    }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'sync' }
  | { readonly kind: 'commit' }

/** The bytes of a file, and which act wrote them afresh: those of one origin may be patched in place. */
export interface Version {
  readonly origin: Act
  readonly bytes: Buffer
}

/** All files in the root. */
export type Files = ReadonlyMap<string, Version>

const names = ['a', 'b', 'c', 'd']
/** Within its inode, within a node, a piece. */
const lengths = [300, 5000, 90_000]

/** Acts that a seed determines; each can be done. At least one commit is among them, with changes before and after it. */
export function actsOf(seed: number, count: number): Act[] {
  const chance = chances(seed)
  const among = <T>(all: readonly T[]): T => all[Math.floor(chance() * all.length)]!
  const acts: Act[] = []
  let files: Files = new Map()
  const commitAt = Math.floor(count / 2)
  while (acts.length < count) {
    const act = acts.length === commitAt ? ({ kind: 'commit' } as const) : next()
    files = after(files, act)
    acts.push(act)
  }
  return acts

  function next(): Act {
    const known = [...files.keys()]
    const dice = chance()
    if (known.length === 0 || dice < 0.4) {
      const length = Math.floor(among(lengths) * (0.5 + chance()))
      return { kind: 'write', name: among(names), bytes: noise(length, acts.length + 100 * seed) }
    }
    const name = among(known)
    if (dice < 0.6) {
      const at = Math.floor(chance() * files.get(name)!.bytes.length)
      const bytes = noise(1 + Math.floor(chance() * 2000), acts.length + 100 * seed)
      return { kind: 'patch', name, at, bytes }
    }
    if (dice < 0.67) return { kind: 'remove', name }
    if (dice < 0.74) return { kind: 'rename', name, to: among(names) }
    return { kind: dice < 0.88 ? 'sync' : 'commit' }
  }
}

/** The files after an act. */
export function after(files: Files, act: Act): Files {
  const next = new Map(files)
  switch (act.kind) {
    case 'write':
      return next.set(act.name, { origin: act, bytes: act.bytes })
    case 'patch': {
      const { origin, bytes } = files.get(act.name)!
      return next.set(act.name, { origin, bytes: patched(bytes, act.at, act.bytes) })
    }
    case 'remove':
      next.delete(act.name)
      return next
    case 'rename': {
      const version = next.get(act.name)!
      next.delete(act.name)
      return next.set(act.to, version)
    }
    case 'sync':
    case 'commit':
      return next
  }
}

/** What stands between the files before and after an act: a file is made, or emptied, and then filled. */
export function between(files: Files, act: Act): Files[] {
  const empty = { origin: act, bytes: Buffer.alloc(0) }
  return act.kind === 'write' ? [new Map(files).set(act.name, empty)] : []
}

function patched(bytes: Buffer, at: number, patch: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(bytes.length, at + patch.length))
  bytes.copy(result)
  patch.copy(result, at)
  return result
}
