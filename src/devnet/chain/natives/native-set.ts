import type { Native, Natives } from '../move/machine.ts'
import { ByteVector } from '../move/values.ts'
import type { Reference, Value } from '../move/values.ts'

/** Native functions of one package, by `module::name`. */
export type NativeTable = Readonly<Record<string, Native>>

/** Puts the natives of packages together under their original ids. */
export function nativeSet(packages: Readonly<Record<string, readonly NativeTable[]>>): Natives {
  const natives = new Map<string, Native>()
  for (const [id, tables] of Object.entries(packages))
    for (const table of tables)
      for (const [name, native] of Object.entries(table)) natives.set(`${id}::${name}`, native)
  return natives
}

/** The bytes behind a `&vector<u8>`, not copied. */
export function bytesAt(reference: Value): Uint8Array {
  return bytesOf((reference as Reference).get())
}

/** The bytes of a `vector<u8>`, not copied. */
export function bytesOf(value: Value): Uint8Array {
  return (value as ByteVector).view()
}

/** A `vector<u8>`. Keeps the bytes. */
export function byteVector(bytes: Uint8Array): ByteVector {
  return new ByteVector(bytes)
}
