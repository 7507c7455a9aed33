/**
 * Writes the AssemblyScript of the BLAKE2b compression of three messages at once: two in the two 64-bit lanes of vectors,
 * one in plain registers. Unrolled, for which no loop would do: each round takes the message words in another order.
 */
const rounds = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
const columns = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
] as const
const diagonals = [
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const

/** Offsets into the working memory of `assembly/lanes.ts`. */
const masksAt = 512
const vectorAt = 768
const firstChainAt = 896

/** Masks are loaded for each use: two that stay live cost V8 more in spilled registers. */
const rotations = [
  {
    d: { vector: 'v128.shuffle<i32>(q, q, 1, 0, 3, 2)', bits: 32 },
    b: { vector: `i8x16.relaxed_swizzle(q, v128.load(m, ${masksAt}))`, bits: 24 },
  },
  {
    d: { vector: `i8x16.relaxed_swizzle(q, v128.load(m, ${masksAt + 16}))`, bits: 16 },
    b: { vector: 'v128.xor(i64x2.add(q, q), i64x2.shr_u(q, 63))', bits: 63 },
  },
] as const

function addMessage(a: number, b: number, word: number, used: number): string {
  if (word >= used) return `v${a} = i64x2.add(v${a}, v${b}); w${a} += w${b}`
  const vector = `i64x2.add(i64x2.add(v${a}, v128.load(m, ${word * 16})), v${b})`
  return `v${a} = ${vector}; w${a} = w${a} + w${b} + load<u64>(ms, ${word * 8})`
}

/** One half of the four quarter rounds, the four of them interleaved. */
function halfStep(
  quarters: typeof columns | typeof diagonals,
  half: 0 | 1,
  words: readonly number[],
  used: number,
): string[] {
  const { d: turnD, b: turnB } = rotations[half]
  const scalar = quarters.map(([a, b, c, d], k) => {
    const added = addMessage(a, b, words[2 * k + half]!, used)
    const turned = `w${d} = rotr<u64>(w${d} ^ w${a}, ${turnD.bits}); w${c} += w${d}`
    return `${added}; ${turned}; w${b} = rotr<u64>(w${b} ^ w${c}, ${turnB.bits})`
  })
  return [
    ...scalar,
    ...quarters.map(([a, , , d]) => `q = v128.xor(v${d}, v${a}); v${d} = ${turnD.vector}`),
    ...quarters.map(([, , c, d]) => `v${c} = i64x2.add(v${c}, v${d})`),
    ...quarters.map(([, b, c]) => `q = v128.xor(v${b}, v${c}); v${b} = ${turnB.vector}`),
  ]
}

function round(words: readonly number[], used: number): string[] {
  return [
    ...halfStep(columns, 0, words.slice(0, 8), used),
    ...halfStep(columns, 1, words.slice(0, 8), used),
    ...halfStep(diagonals, 0, words.slice(8), used),
    ...halfStep(diagonals, 1, words.slice(8), used),
  ]
}

interface Shape {
  readonly name: string
  /** Message words that may differ from zero. */
  readonly used: number
  /** The message has one block: the chaining value is the first one, and only the digest is stored. */
  readonly single: boolean
}

function compression({ name, used, single }: Shape): string {
  const chain = (k: number): string =>
    single ? `v128.load(m, ${firstChainAt + k * 16})` : `v128.load(h, ${k * 16})`
  const thirdChain = (k: number): string =>
    single ? `load<u64>(m, ${firstChainAt + k * 16})` : `load<u64>(hs, ${k * 8})`
  const eight = [0, 1, 2, 3, 4, 5, 6, 7]
  const lines = [
    'let q: v128',
    ...eight.map((k) => `let v${k} = ${chain(k)}, w${k} = ${thirdChain(k)}`),
    ...eight.map((k) => {
      const at = vectorAt + k * 16
      return `let v${8 + k} = v128.load(m, ${at}), w${8 + k} = load<u64>(m, ${at})`
    }),
    'v12 = v128.xor(v12, i64x2.splat(t as i64)); w12 ^= t',
    'v14 = v128.xor(v14, i64x2.splat(last as i64)); w14 ^= last',
    ...Array.from({ length: 12 }, (_, k) => round(rounds[k % 10]!, used)).flat(),
    ...eight.slice(0, single ? 4 : 8).map((k) => {
      const vector = `v128.xor(${chain(k)}, v128.xor(v${k}, v${8 + k}))`
      const third = `${thirdChain(k)} ^ w${k} ^ w${8 + k}`
      return `v128.store(h, ${vector}, ${k * 16}); store<u64>(hs, ${third}, ${k * 8})`
    }),
  ]
  const parameters = 'h: usize, m: usize, hs: usize, ms: usize, t: u64, last: u64'
  return `export function ${name}(${parameters}): void {\n${lines.join('\n')}\n}\n`
}

/** The text of `assembly/blake2b.ts`. */
export function blake2bSource(): string {
  return [
    { name: 'compress3', used: 16, single: false },
    { name: 'single3', used: 16, single: true },
    // A leaf of a symbol of at most 14 bytes, with its prefix: most symbols of small blobs are that short.
    { name: 'tiny3', used: 2, single: true },
    // An inner node's message has 65 bytes.
    { name: 'inner3', used: 9, single: true },
  ]
    .map(compression)
    .join('')
}
