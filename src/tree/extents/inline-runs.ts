import type { Extent } from '../extent-map.ts'
import { maxInlineBytes } from '../format/extent-format.ts'

/** Extents as they are stored: inline ones that touch lie in one, cut where it would be too long. */
export function joinInline(extents: Iterable<Extent>): Extent[] {
  const joined: Extent[] = []
  let run: Extent[] = []
  for (const extent of extents) {
    const goesOn =
      extent.source.kind === 'inline' && (run.at(-1)?.end ?? extent.start) === extent.start
    if (!goesOn) {
      joined.push(...cutRun(run))
      run = []
    }
    if (extent.source.kind === 'inline') run.push(extent)
    else joined.push(extent)
  }
  return [...joined, ...cutRun(run)]
}

function cutRun(run: readonly Extent[]): Extent[] {
  const [first] = run
  if (!first) return []
  const bytes = Buffer.concat(run.map(shownBytes))
  const parts: Extent[] = []
  for (let at = 0; at < bytes.length; at += maxInlineBytes) {
    const part = bytes.subarray(at, at + maxInlineBytes)
    const start = first.start + at
    parts.push({ start, end: start + part.length, source: { kind: 'inline', bytes: part, at: 0 } })
  }
  return parts
}

function shownBytes({ start, end, source }: Extent): Uint8Array {
  if (source.kind !== 'inline') throw new Error('not an inline extent')
  return source.bytes.subarray(source.at, source.at + (end - start))
}
