/** The classes of failure of a storage node's API (google.rpc.Code), with their HTTP codes. */
const httpCodes = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  NOT_FOUND: 404,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const

type StatusName = keyof typeof httpCodes

const storageDomain = 'storage.walrus.space'
const globalDomain = 'global'

/** A refusal as the API tells it: AIP-193 JSON with a machine-readable reason. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: StatusName
  readonly reason: string
  readonly domain: string

  constructor(
    status: StatusName,
    reason: string,
    message: string,
    options?: ErrorOptions & { readonly domain?: string },
  ) {
    super(message, options)
    this.status = status
    this.reason = reason
    this.domain = options?.domain ?? storageDomain
  }

  /** The HTTP code. */
  get code(): number {
    return httpCodes[this.status]
  }

  /** The body. */
  toJSON(): unknown {
    const info = { '@type': 'ErrorInfo', reason: this.reason, domain: this.domain, metadata: {} }
    const { status, code, message } = this
    return { error: { status, code, message, details: [info] } }
  }
}

export const metadataNotFound = () =>
  new ApiError('NOT_FOUND', 'METADATA_NOT_FOUND', 'the requested metadata is unavailable')

export const sliverNotFound = () =>
  new ApiError('NOT_FOUND', 'SLIVER_NOT_FOUND', 'the requested sliver is unavailable')

export const notRegistered = () =>
  new ApiError(
    'FAILED_PRECONDITION',
    'NOT_REGISTERED',
    'the blob has not been registered or has already expired',
  )

export const metadataMissing = () =>
  new ApiError('FAILED_PRECONDITION', 'METADATA_NOT_FOUND', 'blob metadata is required but missing')

export const missingSlivers = () =>
  new ApiError('FAILED_PRECONDITION', 'MISSING_SLIVERS', 'the required slivers are not all stored')

export const cacheSaturated = () =>
  new ApiError(
    'FAILED_PRECONDITION',
    'CACHE_SATURATED',
    'pending upload cache is saturated; retry once the node catches up',
  )

export const shardNotAssigned = (shard: number, epoch: number) =>
  new ApiError(
    'FAILED_PRECONDITION',
    'SHARD_NOT_ASSIGNED',
    `shard ${shard} is not assigned to this node in epoch ${epoch}`,
  )

export const indexOutOfRange = (index: number, max: number) =>
  new ApiError('INVALID_ARGUMENT', 'INDEX_OUT_OF_RANGE', `requires 0 <= index (${index}) < ${max}`)

export const invalidMetadata = (why: string, options?: ErrorOptions) =>
  new ApiError(
    'INVALID_ARGUMENT',
    'INVALID_METADATA',
    `the provided metadata failed to verify: ${why}`,
    options,
  )

export const unsupportedEncoding = (encodingType: number) =>
  new ApiError(
    'INVALID_ARGUMENT',
    'UNSUPPORTED_ENCODING_TYPE',
    `unsupported encoding type ${encodingType}, supported types are: [RS2]`,
  )

export const invalidSliver = (why: string) =>
  new ApiError('INVALID_ARGUMENT', 'INVALID_SLIVER', `the provided sliver is invalid: ${why}`)

export const sliverIndexMismatch = (sliver: number, pair: number) =>
  new ApiError(
    'INVALID_ARGUMENT',
    'SLIVER_INDEX_MISMATCH',
    `sliver index ${sliver} is inconsistent with sliver pair index ${pair}`,
  )

export const notBcs = (options?: ErrorOptions) =>
  new ApiError(
    'INVALID_ARGUMENT',
    'INVALID_CONTENT_TYPE',
    'unable to decode request body as BCS',
    options,
  )

export const badContentType = () =>
  new ApiError(
    'INVALID_ARGUMENT',
    'INVALID_CONTENT_TYPE',
    'Expected request with `Content-Type: application/octet-stream`',
  )

export const noSymbolsSpecified = () =>
  new ApiError(
    'FAILED_PRECONDITION',
    'NO_SYMBOLS_SPECIFIED',
    'at least one symbol ID must be specified',
  )

export const symbolNotPresent = () =>
  new ApiError(
    'FAILED_PRECONDITION',
    'SYMBOL_NOT_PRESENT_AT_SHARDS',
    "the requested recovery symbol is not the responsibility of this node's shards",
  )

export const symbolOutOfRange = (why: string) =>
  new ApiError(
    'INVALID_ARGUMENT',
    'RECOVERY_SYMBOL_OUT_OF_RANGE',
    `the requested recovery symbol is out of range: ${why}`,
  )

export const noTargetsSpecified = () =>
  new ApiError(
    'FAILED_PRECONDITION',
    'NO_TARGET_SLIVERS_SPECIFIED',
    'at least one target sliver must be specified',
  )

export const invalidProof = (why: string) => new ApiError('INVALID_ARGUMENT', 'INVALID_PROOF', why)

/** A failure of the node itself; the cause stays in its log. */
export const internalError = (cause: unknown) =>
  new ApiError('INTERNAL', 'INTERNAL_ERROR', 'an internal error has occurred, please report it', {
    cause,
    domain: globalDomain,
  })

export const unavailable = () =>
  new ApiError('UNAVAILABLE', 'UNAVAILABLE', 'the service is currently unavailable', {
    domain: globalDomain,
  })
