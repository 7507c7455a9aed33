/** What filters ask of a transaction. Ids, addresses and types in full. */
export interface TransactionFacts {
  readonly sender: string
  /** The version of the objects that it wrote. */
  readonly version: number
  /** Ids of objects that it changed. */
  readonly objects: readonly string[]
  /** Addresses that own, or owned, what it changed. */
  readonly addresses: readonly string[]
  /** Functions that it called, as `package::module::function`. */
  readonly calls: readonly string[]
  readonly events: readonly EventFacts[]
  readonly publishes: boolean
}

export interface EventFacts {
  readonly type: string
  /** `package::module` of the call that emitted it. */
  readonly module: string
}
