/** gRPC status codes. */
export const RpcCode = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const
export type RpcCode = (typeof RpcCode)[keyof typeof RpcCode]

/** What a caller of the full node is told instead of an answer. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure'
  readonly code: RpcCode

  constructor(code: RpcCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A transaction that is refused before it costs anything, in Sui's words. */
export function refusedInput(what: string): RpcFailure {
  return new RpcFailure(
    RpcCode.invalidArgument,
    `Error checking transaction input objects: ${what}`,
  )
}
