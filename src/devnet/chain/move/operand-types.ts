import type { Operand } from './compiled-module.ts'
import {
  fieldAt,
  filled,
  genericFieldAt,
  genericStructAt,
  genericVariantAt,
  structAt,
  variantAt,
} from './generics.ts'
import type { VariantAt } from './generics.ts'
import type { MoveFunction, MoveModule } from './module.ts'
import { opcodeOf, vectorOperand } from './opcode.ts'
import { boolType, substitute, u64Type } from './types.ts'
import type { DatatypeType, Integer, MoveType } from './types.ts'

/** Types on the operand stack while a function is read in order. */
interface Reading {
  readonly module: MoveModule
  readonly locals: readonly MoveType[]
  stack: MoveType[]
}

type Effect = (reading: Reading, operand: number) => void

/**
 * For each instruction of a function: the integer type on which it calculates, where it does. Bytecode does not
 * write it down; the verifier has made sure that types are the same on every way to an instruction, so reading each
 * once is enough.
 */
export function integerOperands(code: MoveFunction): readonly (Integer | undefined)[] {
  const { module } = code
  const body = code.code!
  const reading: Reading = {
    module,
    locals: [...code.parameters, ...module.signature(body.locals)],
    stack: [],
  }
  const found: (Integer | undefined)[] = []
  const seen = new Set<number>()
  const work: [number, MoveType[]][] = [[0, []]]
  for (let next = work.pop(); next; next = work.pop()) {
    let [pc] = next
    reading.stack = [...next[1]]
    for (; !seen.has(pc); pc++) {
      seen.add(pc)
      const { name, operand } = opcodeOf(body.code[pc]!)
      found[pc] = integerOf(reading.stack.at(isShift(name) ? -2 : -1))
      apply(reading, name, operand)
      for (const target of targets(code, name, operand)) work.push([target, [...reading.stack]])
      if (endsBlock(name)) break
    }
  }
  return found
}

/** A shift's upper operand only counts bits. */
function isShift(name: string): boolean {
  return name === 'Shl' || name === 'Shr'
}

function integerOf(type: MoveType | undefined): Integer | undefined {
  return type && /^u\d+$/.test(type.kind) ? (type.kind as Integer) : undefined
}

function targets(code: MoveFunction, name: string, operand: Operand): readonly number[] {
  if (['BrTrue', 'BrFalse', 'Branch'].includes(name)) return [operand as number]
  if (name === 'VariantSwitch') return code.code!.jump_tables[operand as number]!.jump_table.Full
  return []
}

function endsBlock(name: string): boolean {
  return ['Branch', 'Ret', 'Abort', 'VariantSwitch'].includes(name)
}

function apply(reading: Reading, name: string, operand: Operand): void {
  const load = /^(?:Ld|Cast)(U\d+)$/.exec(name)
  if (load) {
    if (name.startsWith('Cast')) reading.stack.pop()
    reading.stack.push({ kind: load[1]!.toLowerCase() as Integer })
    return
  }
  if (typeof operand === 'object') return applyVector(reading, name, operand)
  const effect = effects[name]
  if (!effect) throw new TypeError(`unknown instruction ${name}`)
  effect(reading, Number(operand))
}

/** The two instructions that move a counted number of elements. */
function applyVector(reading: Reading, name: string, operand: Operand): void {
  const { signature, count } = vectorOperand(operand)
  const type = element(reading, signature)
  if (name === 'VecPack') {
    reading.stack.splice(reading.stack.length - count)
    reading.stack.push({ kind: 'vector', element: type })
  } else {
    reading.stack.pop()
    for (let i = 0; i < count; i++) reading.stack.push(type)
  }
}

const none: Effect = () => {}

function pops(count: number): Effect {
  return (reading) => void reading.stack.splice(reading.stack.length - count)
}

/** Takes so many operands and leaves a value of a type. */
function gives(count: number, type: (reading: Reading, operand: number) => MoveType): Effect {
  return (reading, operand) => {
    const left = type(reading, operand)
    reading.stack.splice(reading.stack.length - count)
    reading.stack.push(left)
  }
}

const toBool = gives(2, () => boolType)
/** Two operands become one of the lower one's type. */
const calculates: Effect = (reading) => void reading.stack.pop()
const element = ({ module }: Reading, signature: number): MoveType =>
  module.signature(signature)[0]!
const referenceTo = (target: MoveType): MoveType => ({ kind: 'reference', mutable: true, target })
const targetOf = (type: MoveType): MoveType => (type.kind === 'reference' ? type.target : type)

const calls: Effect = (reading, handle) => {
  const called = reading.module.functionAt(handle)
  reading.stack.splice(reading.stack.length - called.parameters.length)
  reading.stack.push(...called.returns)
}

const callsGeneric: Effect = (reading, instantiation) => {
  const { handle, type_parameters } =
    reading.module.compiled.function_instantiations[instantiation]!
  const called = reading.module.functionAt(handle)
  const typeArguments = reading.module.signature(type_parameters)
  reading.stack.splice(reading.stack.length - called.parameters.length)
  reading.stack.push(...called.returns.map((type) => substitute(type, typeArguments)))
}

const local = ({ locals }: Reading, index: number): MoveType => locals[index]!
const borrowsLocal = gives(0, (reading, index) => referenceTo(local(reading, index)))
const borrowsField = gives(1, ({ module }, at) => referenceTo(fieldAt(module, at).type))
const borrowsFieldGeneric = gives(1, ({ module }, at) =>
  referenceTo(genericFieldAt(module, at).type),
)
const borrowsElement = gives(2, (reading, signature) => referenceTo(element(reading, signature)))

function packs(at: (module: MoveModule, operand: number) => DatatypeType): Effect {
  return (reading, operand) => {
    const type = at(reading.module, operand)
    reading.stack.splice(reading.stack.length - type.datatype.fields!.length)
    reading.stack.push(type)
  }
}

function unpacks(at: (module: MoveModule, operand: number) => DatatypeType): Effect {
  return (reading, operand) => {
    const type = at(reading.module, operand)
    reading.stack.pop()
    reading.stack.push(...filled(type.datatype.fields!, type))
  }
}

type VariantFinder = (module: MoveModule, operand: number) => VariantAt

function packsVariant(at: VariantFinder): Effect {
  return (reading, operand) => {
    const { variant, type } = at(reading.module, operand)
    reading.stack.splice(reading.stack.length - variant.fields.length)
    reading.stack.push(type)
  }
}

function unpacksVariant(at: VariantFinder, byReference: boolean): Effect {
  return (reading, operand) => {
    const { variant, type } = at(reading.module, operand)
    const types = filled(variant.fields, type)
    reading.stack.pop()
    reading.stack.push(...(byReference ? types.map(referenceTo) : types))
  }
}

const effects: Readonly<Record<string, Effect>> = {
  Pop: pops(1),
  StLoc: pops(1),
  Abort: pops(1),
  BrTrue: pops(1),
  BrFalse: pops(1),
  VariantSwitch: pops(1),
  WriteRef: pops(2),
  VecPushBack: pops(2),
  VecSwap: pops(3),
  Ret: none,
  Branch: none,
  Nop: none,
  FreezeRef: none,
  Not: none,
  LdTrue: gives(0, () => boolType),
  LdFalse: gives(0, () => boolType),
  LdConst: gives(0, ({ module }, at) => module.type(module.compiled.constant_pool[at]!.type_)),
  CopyLoc: gives(0, local),
  MoveLoc: gives(0, local),
  MutBorrowLoc: borrowsLocal,
  ImmBorrowLoc: borrowsLocal,
  MutBorrowField: borrowsField,
  ImmBorrowField: borrowsField,
  MutBorrowFieldGeneric: borrowsFieldGeneric,
  ImmBorrowFieldGeneric: borrowsFieldGeneric,
  ReadRef: gives(1, ({ stack }) => targetOf(stack.at(-1)!)),
  Call: calls,
  CallGeneric: callsGeneric,
  Pack: packs(structAt),
  PackGeneric: packs(genericStructAt),
  Unpack: unpacks(structAt),
  UnpackGeneric: unpacks(genericStructAt),
  PackVariant: packsVariant(variantAt),
  PackVariantGeneric: packsVariant(genericVariantAt),
  UnpackVariant: unpacksVariant(variantAt, false),
  UnpackVariantGeneric: unpacksVariant(genericVariantAt, false),
  UnpackVariantImmRef: unpacksVariant(variantAt, true),
  UnpackVariantMutRef: unpacksVariant(variantAt, true),
  UnpackVariantGenericImmRef: unpacksVariant(genericVariantAt, true),
  UnpackVariantGenericMutRef: unpacksVariant(genericVariantAt, true),
  Add: calculates,
  Sub: calculates,
  Mul: calculates,
  Div: calculates,
  Mod: calculates,
  BitOr: calculates,
  BitAnd: calculates,
  Xor: calculates,
  Shl: calculates,
  Shr: calculates,
  Or: toBool,
  And: toBool,
  Eq: toBool,
  Neq: toBool,
  Lt: toBool,
  Gt: toBool,
  Le: toBool,
  Ge: toBool,
  VecLen: gives(1, () => u64Type),
  VecImmBorrow: borrowsElement,
  VecMutBorrow: borrowsElement,
  VecPopBack: gives(1, element),
}
