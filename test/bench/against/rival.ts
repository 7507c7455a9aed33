import { spawnSync } from 'node:child_process'
import type { Comparison, Floor, Row } from '../harness/comparison.ts'

/** Something to compare with: where it is mounted, or why it is not. */
export type Rival = { readonly path: string } | { readonly missing: string }

export function isThere(rival: Rival): rival is { readonly path: string } {
  return 'path' in rival
}

/** Whether a program can be run at all. */
export function hasProgram(name: string, ...args: string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).error === undefined
}

/** The floor that a rival shows; nothing where it is not there. */
export function floor(
  what: string,
  figures: readonly number[] | undefined,
): { readonly floor?: Floor } {
  return figures ? { floor: { what, figures } } : {}
}

/** The row of a comparison with a rival that may be missing. */
export function against(
  rival: Rival,
  row: Omit<Comparison, 'theirs'> & { readonly theirs: readonly number[] | undefined },
): Row {
  const { measure, theirs } = row
  if (isThere(rival) && theirs) return { ...row, theirs }
  return { measure, against: row.against, skipped: isThere(rival) ? 'not measured' : rival.missing }
}
