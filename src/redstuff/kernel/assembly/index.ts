// What the workers call. All memory is laid out by the host: there is no allocator.
import { hashLeaves, hashNodes } from './hash'

export { setTables } from './gf'
export { setScratch } from './lanes'
export { setNodes, merkleRoot, raiseColumns, scatterHashes } from './merkle'
export { setCode, setSource, setTarget, setLeaves, extendLines, fillLeafTable } from './lines'
export { setRebuild, rebuild } from './rebuild'

/** Hashes of trees of equal leaves: first the leaf of the given symbol, then `levels` levels more, 32 bytes each. */
export function fillEqualNodes(nodes: usize, symbol: usize, bytes: usize, levels: i32): void {
  hashLeaves(symbol, symbol, symbol, 0, bytes, bytes, 0, nodes, nodes, nodes)
  for (; levels > 0; levels--, nodes += 32) {
    hashNodes(nodes, nodes, nodes, nodes, nodes, nodes, nodes + 32, nodes + 32, nodes + 32)
  }
}

/** The leaf hashes of `count` messages of `bytes` bytes back to back. */
export function hashMessages(messages: usize, count: i32, bytes: usize, out: usize): void {
  for (let k = 0; k < count; k += 3) {
    const j = min(k + 1, count - 1), l = min(k + 2, count - 1)
    hashLeaves(
      messages + (k as usize) * bytes,
      messages + (j as usize) * bytes,
      messages + (l as usize) * bytes,
      0,
      bytes,
      bytes,
      0,
      out + ((k as usize) << 5),
      out + ((j as usize) << 5),
      out + ((l as usize) << 5),
    )
  }
}

// Nobody calls these from outside: what is exported is not inlined, and V8 makes better code of each for itself.
export { hashLongLeaves, hashShortLeaves, hashTinyLeaves } from './hash'
