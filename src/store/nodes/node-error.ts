export type NodeErrorCode =
  | 'unreachable' // no connection, or it broke
  | 'timeout'
  | 'refused' // an answer with an HTTP error
  | 'bad-answer' // too long, or not what the API promises

/** A storage node did not do what it was asked. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: NodeErrorCode
  /** HTTP status of a refusal. */
  readonly status: number | undefined
  /** The API's own reason of a refusal, `NOT_REGISTERED` or the like. */
  readonly reason: string | undefined

  constructor(
    code: NodeErrorCode,
    message: string,
    options: ErrorOptions & { readonly status?: number; readonly reason?: string } = {},
  ) {
    super(message, options)
    this.code = code
    this.status = options.status
    this.reason = options.reason
  }
}

/** The node does not have the blob (404), as far as it says. */
export function isMissing(error: unknown): boolean {
  return error instanceof NodeError && error.status === 404
}

/** The node may not serve the blob (451). */
export function isBlocked(error: unknown): boolean {
  return error instanceof NodeError && error.status === 451
}

/** The node understood and will not, now or later. Asked too much (429) or in trouble itself (5xx) it may yet. */
export function isFinal(error: unknown): error is NodeError {
  if (!(error instanceof NodeError) || error.status === undefined) return false
  return error.status < 500 && error.status !== 429
}

/** The reason in the JSON of an AIP-193 error, if there is one. */
export function reasonIn(body: Uint8Array): { reason?: string; message?: string } {
  try {
    const parsed = JSON.parse(Buffer.from(body).toString('utf8')) as {
      error?: { message?: unknown; details?: readonly { reason?: unknown }[] }
    }
    const { message, details } = parsed.error ?? {}
    const reason = details?.[0]?.reason
    return {
      ...(typeof reason === 'string' && { reason: reason.slice(0, 100) }),
      ...(typeof message === 'string' && { message: message.slice(0, 300) }),
    }
  } catch {
    return {}
  }
}
