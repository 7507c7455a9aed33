import { ObjectError, SimulationError, TransactionError } from '@mysten/sui/client'
import type { SuiClientTypes } from '@mysten/sui/client'
import { missingCoinType, saysNoGas, saysNotOwner } from './chain-words.ts'

export type ChainErrorCode =
  | 'unreachable' // no answer; nothing was sent that could change anything
  | 'lost-answer' // sent, and nobody knows whether it was carried out
  | 'no-gas'
  | 'no-coin' // too little of another coin; the message says which
  | 'not-owner'
  | 'not-found'
  | 'aborted' // a Move function said no: see `abort`
  | 'rejected'

/** Where and with what number a Move function gave up. */
export interface MoveAbort {
  /** Package as the chain names it: the one that was called, or its first version. */
  readonly package: string | undefined
  readonly module: string | undefined
  readonly code: number
}

/** A refusal or failure of Sui, by codes where it has codes. */
export class ChainError extends Error {
  override readonly name = 'ChainError'
  readonly code: ChainErrorCode
  readonly abort: MoveAbort | undefined

  constructor(
    code: ChainErrorCode,
    message: string,
    options?: ErrorOptions & { readonly abort?: MoveAbort },
  ) {
    super(message, options)
    this.code = code
    this.abort = options?.abort
  }
}

/** gRPC codes by which a full node says no for good. After any other a request may be repeated. */
const definite: readonly string[] = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
]

/** The gRPC status name of an error of the transport, also inside a SimulationError. */
export function grpcCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { code?: unknown }
  if (error.name === 'RpcError' && typeof code === 'string') return code
  return error instanceof SimulationError ? grpcCodeOf(error.cause) : undefined
}

/** Whether a full node answered, and its answer is no. */
export function isDefinite(error: unknown): boolean {
  const code = grpcCodeOf(error)
  return code !== undefined && definite.includes(code)
}

/** Any error of the SDK as a {@link ChainError}; others come back as they are. */
export function chainErrorOf(error: unknown): unknown {
  if (error instanceof SimulationError && error.executionError) {
    return executionErrorOf(error.executionError, error)
  }
  if (error instanceof ObjectError) {
    const code = error.reason === 'unknown' ? 'unreachable' : 'not-found'
    return new ChainError(code, error.message, { cause: error })
  }
  if (error instanceof TransactionError) {
    return new ChainError('not-found', error.message, { cause: error })
  }
  const grpcCode = grpcCodeOf(error)
  if (grpcCode !== undefined) return refusalOf(grpcCode, error as Error)
  return coinErrorOf(error) ?? error
}

/** A transaction that was carried out and failed, or would. */
export function executionErrorOf(
  error: SuiClientTypes.ExecutionError,
  cause?: unknown,
): ChainError {
  const { message } = error
  if (error.$kind === 'MoveAbort') {
    const { location, abortCode } = error.MoveAbort
    const abort = { package: location?.package, module: location?.module, code: Number(abortCode) }
    return new ChainError('aborted', message, { cause, abort })
  }
  // Cancelled for want of room in a shared object's queue: the same may go through later.
  if (error.$kind === 'CongestedObjects') return new ChainError('unreachable', message, { cause })
  return new ChainError(saysNoGas(message) ? 'no-gas' : 'rejected', message, { cause })
}

function refusalOf(grpcCode: string, error: Error): ChainError {
  const { message } = error
  const text = `the full node says ${grpcCode}: ${message}`
  if (!definite.includes(grpcCode)) return new ChainError('unreachable', text, { cause: error })
  if (saysNoGas(message)) return new ChainError('no-gas', message, { cause: error })
  if (saysNotOwner(message)) return new ChainError('not-owner', message, { cause: error })
  const code = grpcCode === 'NOT_FOUND' ? 'not-found' : 'rejected'
  return new ChainError(code, text, { cause: error })
}

function coinErrorOf(error: unknown): ChainError | undefined {
  if (!(error instanceof Error) || missingCoinType(error.message) === undefined) return undefined
  return new ChainError('no-coin', error.message, { cause: error })
}
