import type { Extent, ExtentSource } from '../extent-map.ts'

/** The part of an extent that lies in [start, end); itself where that is all of it. */
export function clipExtent(extent: Extent, start: number, end: number): Extent {
  const from = Math.max(extent.start, start)
  const to = Math.min(extent.end, end)
  if (from === extent.start && to === extent.end) return extent
  return { start: from, end: to, source: sourceFrom(extent.source, from - extent.start) }
}

/** The same source, `by` bytes further on. */
export function sourceFrom(source: ExtentSource, by: number): ExtentSource {
  if (by === 0) return source
  switch (source.kind) {
    case 'piece':
      return { kind: 'piece', piece: source.piece, at: source.at + by }
    case 'slice':
      return { kind: 'slice', slice: source.slice, at: source.at + by }
    case 'inline':
      return { kind: 'inline', bytes: source.bytes, at: source.at + by }
  }
}

/** Both show bytes of one piece, slice or inline run. */
function isSameSource(a: ExtentSource, b: ExtentSource): boolean {
  switch (a.kind) {
    case 'piece':
      return b.kind === 'piece' && isSamePiece(a.piece, b.piece)
    case 'slice':
      return b.kind === 'slice' && a.slice.id === b.slice.id
    case 'inline':
      return b.kind === 'inline' && a.bytes === b.bytes
  }
}

type Piece = Extract<ExtentSource, { kind: 'piece' }>['piece']

function isSamePiece(a: Piece, b: Piece): boolean {
  return a === b || (a.hash === b.hash && a.offset === b.offset && a.blob === b.blob)
}

/** Puts an extent behind a list, joined with the last one where it goes on from it in the same source. */
export function appendJoined(list: Extent[], next: Extent): void {
  const last = list.at(-1)
  if (last && continues(last, next)) {
    list[list.length - 1] = { start: last.start, end: next.end, source: last.source }
  } else {
    list.push(next)
  }
}

/** `b` goes on where `a` ends, in the file and in the source. */
export function continues(a: Extent, b: Extent): boolean {
  return (
    a.end === b.start &&
    a.source.at + (a.end - a.start) === b.source.at &&
    isSameSource(a.source, b.source)
  )
}
