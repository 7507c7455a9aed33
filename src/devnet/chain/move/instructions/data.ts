import type { Assembler } from '../frame.ts'
import { fieldAt, genericFieldAt, genericVariantAt, structAt, variantAt } from '../generics.ts'
import type { MoveModule } from '../module.ts'
import { SlotReference, Struct, Variant, copyValue } from '../values.ts'
import type { Reference, Value } from '../values.ts'

const pop: Assembler = () => (frame) => void frame.pop()

const copyLocal: Assembler =
  ({ operand }) =>
  (frame) =>
    frame.push(copyValue(frame.locals[operand]!))

/** The local keeps the value, too: verified code does not look at it again. */
const moveLocal: Assembler =
  ({ operand }) =>
  (frame) =>
    frame.push(frame.locals[operand]!)

const storeLocal: Assembler =
  ({ operand }) =>
  (frame) => {
    frame.locals[operand] = frame.pop()
  }

const borrowLocal: Assembler =
  ({ operand }) =>
  (frame) =>
    frame.push(new SlotReference(frame.locals, operand))

const readReference: Assembler = () => (frame) =>
  frame.push(copyValue((frame.pop() as Reference).get()))

const writeReference: Assembler = () => (frame) => {
  const reference = frame.pop() as Reference
  reference.set(frame.pop())
}

function borrowField(index: number) {
  return (frame: { pop(): Value; push(value: Value): void }) => {
    const holder = (frame.pop() as Reference).get() as Struct
    frame.push(new SlotReference(holder.fields, index))
  }
}

const fieldBorrow: Assembler = ({ code, operand }) =>
  borrowField(fieldAt(code.module, operand).index)

const genericFieldBorrow: Assembler = ({ code, operand }) =>
  borrowField(genericFieldAt(code.module, operand).index)

function packer(definition: (module: MoveModule, operand: number) => number): Assembler {
  return ({ code, operand }) => {
    const { datatype } = structAt(code.module, definition(code.module, operand))
    const count = datatype.fields!.length
    return (frame) => frame.push(new Struct(frame.take(count)))
  }
}

const direct = (_: MoveModule, operand: number): number => operand
const instantiated = (module: MoveModule, operand: number): number =>
  module.compiled.struct_def_instantiations[operand]!.def

const unpack: Assembler = () => (frame) => {
  for (const field of (frame.pop() as Struct).fields) frame.push(field)
}

function variantPacker(at: typeof variantAt): Assembler {
  return ({ code, operand }) => {
    const { tag, variant } = at(code.module, operand)
    const count = variant.fields.length
    return (frame) => frame.push(new Variant(tag, frame.take(count)))
  }
}

function variantUnpacker(at: typeof variantAt): Assembler {
  return ({ code, operand }) => {
    const { tag } = at(code.module, operand)
    return (frame) => {
      const value = frame.pop() as Variant
      if (value.tag !== tag) frame.fail('another variant')
      for (const field of value.fields) frame.push(field)
    }
  }
}

function variantBorrower(at: typeof variantAt): Assembler {
  return ({ code, operand }) => {
    const { tag } = at(code.module, operand)
    return (frame) => {
      const value = (frame.pop() as Reference).get() as Variant
      if (value.tag !== tag) frame.fail('another variant')
      value.fields.forEach((_, i) => frame.push(new SlotReference(value.fields, i)))
    }
  }
}

/** Instructions that move, copy, borrow, build and take apart. */
export const data: Readonly<Record<string, Assembler>> = {
  Pop: pop,
  CopyLoc: copyLocal,
  MoveLoc: moveLocal,
  StLoc: storeLocal,
  MutBorrowLoc: borrowLocal,
  ImmBorrowLoc: borrowLocal,
  FreezeRef: () => () => {},
  ReadRef: readReference,
  WriteRef: writeReference,
  MutBorrowField: fieldBorrow,
  ImmBorrowField: fieldBorrow,
  MutBorrowFieldGeneric: genericFieldBorrow,
  ImmBorrowFieldGeneric: genericFieldBorrow,
  LdTrue: () => (frame) => frame.push(true),
  LdFalse: () => (frame) => frame.push(false),
  LdConst: ({ code, operand }) => {
    const constant = code.module.constant(operand)
    return (frame) => frame.push(copyValue(constant))
  },
  Pack: packer(direct),
  PackGeneric: packer(instantiated),
  Unpack: unpack,
  UnpackGeneric: unpack,
  PackVariant: variantPacker(variantAt),
  PackVariantGeneric: variantPacker(genericVariantAt),
  UnpackVariant: variantUnpacker(variantAt),
  UnpackVariantGeneric: variantUnpacker(genericVariantAt),
  UnpackVariantImmRef: variantBorrower(variantAt),
  UnpackVariantMutRef: variantBorrower(variantAt),
  UnpackVariantGenericImmRef: variantBorrower(genericVariantAt),
  UnpackVariantGenericMutRef: variantBorrower(genericVariantAt),
}
