import { maxNameBytes, nameFromText } from '../../terms/name.ts'
import type { Name } from '../../terms/name.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import type { ConflictNaming } from '../worktree-api.ts'
import type { Beside } from './merge-plan.ts'
import type { OurChanges } from './our-changes.ts'

/** Our version, the directory that it goes to, and its name there. */
export interface PlacedBeside extends Beside {
  readonly as: Name
}

/** Finds a free name for everything that goes beside something of theirs. */
export function* nameBeside(ours: OurChanges, naming: ConflictNaming): Steps<PlacedBeside[]> {
  const placed: PlacedBeside[] = []
  const taken = new Map<TreeInode, Set<Name>>()
  for (const beside of ours.plan.beside) {
    const { directory } = beside
    const chosen = taken.get(directory) ?? new Set()
    taken.set(directory, chosen)
    let as: Name
    let number = 1
    do as = conflictName(beside.name, naming, number++)
    while (chosen.has(as) || directory.names!.has(as) || (yield* ours.theirName(directory, as)))
    chosen.add(as)
    placed.push({ ...beside, as })
  }
  return placed
}

/** `name (conflict HOST TIME)`, with a number from the second on; the name is cut where it would be too long. */
function conflictName(name: Name, { host, time }: ConflictNaming, number: number): Name {
  const what = `conflict ${host} ${time}`.replaceAll(/[/\0]/g, '-')
  const suffix = nameFromText(` (${what})${number > 1 ? ` ${number}` : ''}`)
  return `${cutName(name, maxNameBytes - suffix.length)}${suffix}` as Name
}

/** At most so many bytes, and no part of a UTF-8 character at the end. */
function cutName(name: Name, bytes: number): string {
  let end = Math.min(name.length, Math.max(bytes, 0))
  while (end < name.length && end > 0 && (name.charCodeAt(end) & 0xc0) === 0x80) end--
  return name.slice(0, end)
}
