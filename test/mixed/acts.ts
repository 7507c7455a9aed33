import { readdir, rename, rm } from 'node:fs/promises'
import type { Act, Change } from './act.ts'
import { compareTree } from './compare-tree.ts'
import type { Known } from './known-tree.ts'
import { compareFile, Mismatch, pastPages } from './look-at-file.ts'
import type { WorkPlace } from './work-place.ts'

/** One call that makes one path something else. */
export function changeWhole(
  kind: string,
  { tree }: WorkPlace,
  path: string,
  after: Known | undefined,
  call: () => Promise<unknown>,
): Act {
  const changes: Change[] = [{ path, before: tree.get(path), after, how: 'whole' }]
  return { kind, changes, run: () => call().then(() => 0) }
}

/** A file or directory, with all in it, gets another name. */
export function move(kind: string, { at }: WorkPlace, from: string, to: string): Act {
  return {
    kind,
    changes: [],
    move: { from, to },
    run: () => rename(at(from), at(to)).then(() => 0),
  }
}

/** A directory and all in it goes. */
export function removeTree({ tree, at }: WorkPlace, path: string): Act {
  const gone = [...tree.below(path).toReversed(), path]
  const changes = gone.map((one): Change => {
    return { path: one, before: tree.get(one), after: undefined, how: 'whole' }
  })
  const run = () => rm(at(path), { recursive: true }).then(() => 0)
  return { kind: 'remove directory', changes, run }
}

/** A whole file, mostly past the kernel's pages. */
export function readFile({ tree, at, odds }: WorkPlace, path: string): Act {
  const known = tree.get(path)
  if (known?.type !== 'file') throw new Error(`${path} is no file`)
  const flags = odds(0.7) ? pastPages : undefined
  return {
    kind: 'read',
    about: path,
    changes: [],
    run: () => compareFile(at(path), known.content, flags),
  }
}

/** The names in a directory. */
export function list({ tree, at, among }: WorkPlace): Act {
  const path = among(['', ...tree.paths('directory')])!
  const run = async () => {
    const there = (await readdir(at(path))).sort().join(', ')
    const known = tree.namesIn(path).sort().join(', ')
    if (there !== known) throw new Mismatch(`${at(path)} lists [${there}] and not [${known}]`)
    return 0
  }
  return { kind: 'list', about: path, changes: [], run }
}

/** Names, types, sizes and modes of all. */
export function find({ top, tree }: WorkPlace): Act {
  const run = async () => {
    const { wrong } = await compareTree(top, tree, 'names')
    if (wrong.length > 0) throw new Mismatch(wrong.join('; '))
    return 0
  }
  return { kind: 'find', changes: [], run }
}
