import type { DatatypeType } from '../move/types.ts'
import type { Value } from '../move/values.ts'
import type { MoveObject } from '../objects/object.ts'

/** An object that a transaction names: its value lies in `cell` until a command takes it out. */
export interface InputObject {
  readonly object: MoveObject
  readonly type: DatatypeType
  /** One value, or none after it has been taken. */
  readonly cell: Value[]
  /** It may be changed or taken: owned by the sender, or shared and asked for so. */
  readonly mutable: boolean
}
