import type { Random } from './random.ts'

/** What a mutant is made of. */
export interface Material {
  /** Other inputs, parts of which may be taken over. */
  readonly others: readonly Uint8Array[]
  /** What the format has words for. */
  readonly words: readonly Uint8Array[]
  readonly maxBytes: number
}

type Mutation = (input: Buffer, random: Random, material: Material) => Buffer

/** The input after up to eight changes, often one. */
export function mutate(input: Uint8Array, random: Random, material: Material): Buffer {
  let mutant: Buffer = Buffer.from(input)
  const times = 1 << random.below(4)
  for (let i = 0; i < times; i++) mutant = random.pick(mutations)(mutant, random, material)
  return mutant.subarray(0, material.maxBytes)
}

const powers = Array.from({ length: 64 }, (_, bits) => 1n << BigInt(bits))
const numbers = [0n, ...powers.flatMap((power) => [power - 1n, power, power + 1n]), 2n ** 64n - 1n]

const flipBit: Mutation = (input, random) => {
  const at = random.below(input.length + 1)
  if (at < input.length) input[at]! ^= 1 << random.below(8)
  return input
}

const setByte: Mutation = (input, random) => {
  const at = random.below(input.length + 1)
  if (at < input.length) input[at] = random.below(256)
  return input
}

const addToByte: Mutation = (input, random) => {
  const at = random.below(input.length + 1)
  if (at < input.length) input[at] = (input[at]! + random.below(33) - 16) & 255
  return input
}

/** A number of 1, 2, 4 or 8 bytes, or a varint, over what is there or between. */
const putNumber: Mutation = (input, random) => {
  const value = random.pick(numbers)
  const form = random.below(6)
  const bytes = form < 4 ? fixed(value, 1 << form, random.below(2) === 0) : varint(value, form - 4)
  const at = random.below(input.length + 1)
  const replaced = random.below(3) === 0 ? 0 : form < 4 ? bytes.length : varintLength(input, at)
  return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at + replaced)])
}

const truncate: Mutation = (input, random) => input.subarray(0, random.below(input.length + 1))

const extend: Mutation = (input, random) => {
  const more = Buffer.alloc(1 + random.below(32), random.below(256))
  return Buffer.concat([input, more])
}

const removeRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  return Buffer.concat([input.subarray(0, from), input.subarray(to)])
}

const repeatRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  const part = input.subarray(from, to)
  const times = random.below(8) === 0 ? 1 + random.below(64) : 1
  const copies = Array.from({ length: times }, () => part)
  return Buffer.concat([input.subarray(0, to), ...copies, input.subarray(to)])
}

const moveRange: Mutation = (input, random) => {
  const [from, to] = range(input, random)
  input.copyWithin(random.below(input.length + 1), from, to)
  return input
}

/** The beginning of one and the end of another. */
const splice: Mutation = (input, random, { others }) => {
  if (others.length === 0) return input
  const other = random.pick(others)
  const [to, from] = [random.below(input.length + 1), random.below(other.length + 1)]
  return Buffer.concat([input.subarray(0, to), other.subarray(from)])
}

/** A part of another in the middle. */
const graft: Mutation = (input, random, { others }) => {
  if (others.length === 0) return input
  const other = Buffer.from(random.pick(others))
  const [from, to] = range(other, random)
  const at = random.below(input.length + 1)
  const replaced = random.below(2) === 0 ? 0 : to - from
  return Buffer.concat([
    input.subarray(0, at),
    other.subarray(from, to),
    input.subarray(at + replaced),
  ])
}

const putWord: Mutation = (input, random, { words }) => {
  if (words.length === 0) return input
  const at = random.below(input.length + 1)
  const word = random.pick(words)
  const replaced = random.below(2) === 0 ? 0 : word.length
  return Buffer.concat([input.subarray(0, at), word, input.subarray(at + replaced)])
}

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  addToByte,
  putNumber,
  putNumber,
  truncate,
  extend,
  removeRange,
  repeatRange,
  moveRange,
  splice,
  graft,
  putWord,
  putWord,
]

function range(input: Buffer, random: Random): [number, number] {
  const from = random.below(input.length + 1)
  const longest = input.length - from
  const length = random.below(4) === 0 ? random.below(longest + 1) : random.below(9)
  return [from, from + Math.min(length, longest)]
}

function fixed(value: bigint, bytes: number, littleEndian: boolean): Buffer {
  const all = Buffer.alloc(8)
  all.writeBigUInt64LE(BigInt.asUintN(64, value))
  const own = Buffer.from(all.subarray(0, bytes))
  return littleEndian ? own : own.reverse()
}

/** LEB128, with `excess` bytes more than it needs. */
function varint(value: bigint, excess: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; rest > 0n || bytes.length === 0; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | 128)
  }
  for (let i = 0; i < excess; i++) bytes.push(128)
  bytes[bytes.length - 1]! &= 127
  return Buffer.from(bytes)
}

function varintLength(input: Buffer, at: number): number {
  let end = at
  while (end < input.length && input[end]! > 127 && end - at < 10) end++
  return end - at + 1
}
