import type { ManifestRoot } from './manifest.ts'

/** Whether both name the same tree. */
export function sameRoot(a: ManifestRoot | undefined, b: ManifestRoot): boolean {
  return (
    a !== undefined &&
    a.format === b.format &&
    a.blob === b.blob &&
    a.offset === b.offset &&
    a.length === b.length &&
    a.hash === b.hash &&
    a.usedBytes === b.usedBytes &&
    a.usedInodes === b.usedInodes
  )
}
