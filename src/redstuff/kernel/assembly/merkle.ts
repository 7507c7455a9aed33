// Merkle trees: a level of odd length is filled up with an empty node (32 zero bytes).
import { hashNodes } from './hash'

/** 32 zero bytes. */
let empty: usize = 0
/** Hashes of trees of equal leaves (of zero symbols), from the leaf up: 32 bytes a level. */
let equals: usize = 0

export function setNodes(emptyNode: usize, equalNodes: usize): void {
  empty = emptyNode
  equals = equalNodes
}

// @ts-ignore: decorator
@inline
export function copyHash(to: usize, from: usize): void {
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 16), 16)
}

// @ts-ignore: decorator
@inline
function rightOf(level: usize, count: i32, parent: i32): usize {
  return 2 * parent + 1 < count ? level + ((parent as usize) << 6) + 32 : empty
}

/** The parents i, j and k of a level of `count` nodes. */
// @ts-ignore: decorator
@inline
function hashParents(level: usize, count: i32, i: i32, j: i32, k: i32, to: usize): void {
  hashNodes(
    level + ((i as usize) << 6),
    rightOf(level, count, i),
    level + ((j as usize) << 6),
    rightOf(level, count, j),
    level + ((k as usize) << 6),
    rightOf(level, count, k),
    to + ((i as usize) << 5),
    to + ((j as usize) << 5),
    to + ((k as usize) << 5),
  )
}

/** The level above, in place where `to` is `level`, since parent k only depends on 2k and 2k + 1. Skips [from, until). */
function hashLevel(level: usize, count: i32, to: usize, from: i32, until: i32): void {
  const parents = (count + 1) >> 1
  let i = -1, j = -1
  for (let k = 0; k < parents; k++) {
    if (k == from && from < until) {
      k = until - 1
      continue
    }
    if (i < 0) {
      i = k
    } else if (j < 0) {
      j = k
    } else {
      hashParents(level, count, i, j, k, to)
      i = -1
      j = -1
    }
  }
  if (i >= 0) {
    const k = j < 0 ? i : j
    hashParents(level, count, i, k, k, to)
  }
}

/**
 * The root over `count` hashes back to back, into `out`; `work` has room for half as many. Leaves [from, until) are known
 * to be those of zero symbols.
 */
export function merkleRoot(
  leaves: usize,
  count: i32,
  work: usize,
  out: usize,
  from: i32,
  until: i32,
): void {
  let level = leaves
  let equal = equals
  while (count > 1) {
    from = (from + 1) >> 1
    until >>= 1
    equal += 32
    hashLevel(level, count, work, from, until)
    // Only now: in place, the skipped part may still hold children of the others.
    for (let k = from; k < until; k++) copyHash(work + ((k as usize) << 5), equal)
    level = work
    count = (count + 1) >> 1
  }
  copyHash(out, level)
}

/**
 * Goes up `levels` levels in `rows` trees at once, whose nodes lie in `columns` columns, `step` apart, one hash per row:
 * column k of the level above replaces column k.
 */
export function raiseColumns(
  nodes: usize,
  step: usize,
  columns: i32,
  rows: i32,
  levels: i32,
): void {
  for (; levels > 0; levels--) {
    for (let k = 0; k < columns; k += 2) {
      const left = nodes + (k as usize) * step
      raiseColumn(left, k + 1 < columns ? left + step : 0, nodes + ((k >> 1) as usize) * step, rows)
    }
    columns = (columns + 1) >> 1
  }
}

/** One column of parents; `right` is 0 where there is none. */
function raiseColumn(left: usize, right: usize, to: usize, rows: i32): void {
  const stride: usize = right ? 32 : 0
  if (!right) right = empty
  for (; rows >= 3; rows -= 3) {
    hashNodes(
      left,
      right,
      left + 32,
      right + stride,
      left + 64,
      right + 2 * stride,
      to,
      to + 32,
      to + 64,
    )
    left += 96
    right += 3 * stride
    to += 96
  }
  if (rows == 0) return
  const second: usize = rows > 1 ? 1 : 0
  const next = second << 5
  hashNodes(
    left,
    right,
    left + next,
    right + second * stride,
    left,
    right,
    to,
    to + next,
    to,
  )
}

/** Hashes back to back, one every `step` bytes. */
export function scatterHashes(from: usize, count: i32, to: usize, step: usize): void {
  for (; count > 0; count--, from += 32, to += step) copyHash(to, from)
}
