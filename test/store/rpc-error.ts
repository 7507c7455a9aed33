/** An error as the SDK's gRPC transport throws it. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}
