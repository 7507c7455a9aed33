import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Agent, fetch as undiciFetch } from 'undici'

/** A full node's door, and how to let go of its connections. */
export interface SuiConnection {
  readonly client: SuiGrpcClient
  readonly close: () => Promise<void>
}

export interface SuiConnectionOptions {
  /** Base URL of the full node's gRPC-web door. */
  readonly url: string
  /** What the SDK calls the network; only names of known networks mean something to it. */
  readonly network: string
  /** Longest wait for an answer, milliseconds. Streams may last. @default 20_000 */
  readonly timeoutMs?: number
}

const grpcDeadlineExceeded = 4
const grpcUnavailable = 14

/**
 * Connects by gRPC-web over kept-alive connections. A connection that cannot be made or breaks is reported as
 * UNAVAILABLE, a missing answer as DEADLINE_EXCEEDED (the SDK's transport would call both INTERNAL).
 */
export function openSuiConnection(options: SuiConnectionOptions): SuiConnection {
  const agent = new Agent({
    connections: 16,
    keepAliveTimeout: 30_000,
    connect: { timeout: 10_000 },
    // A stream is silent while nothing happens; other answers have their own time limit.
    bodyTimeout: 0,
  })
  const timeoutMs = options.timeoutMs ?? 20_000
  const client = new SuiGrpcClient({
    network: options.network,
    baseUrl: options.url,
    format: 'binary',
    fetch: grpcFetch(agent, timeoutMs),
  })
  return { client, close: () => agent.destroy() }
}

function grpcFetch(agent: Agent, timeoutMs: number): typeof fetch {
  const send = async (url: string, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    const request = { ...init, dispatcher: agent, signal } as unknown as Parameters<
      typeof undiciFetch
    >[1]
    return (await undiciFetch(url, request)) as unknown as Response
  }
  return async (url, init = {}) => {
    const target = String(url instanceof Request ? url.url : url)
    const caller = init.signal ?? undefined
    if (isStream(target)) return send(target, init, caller ?? new AbortController().signal)
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const signal = caller ? AbortSignal.any([caller, timeout]) : timeout
      const response = await send(target, init, signal)
      // Read whole here, so that an answer that breaks off is seen as a broken connection.
      const body = await response.arrayBuffer()
      return new Response(body, { status: response.status, headers: response.headers })
    } catch (error) {
      if (caller?.aborted) throw error
      return timeout.aborted
        ? failure(grpcDeadlineExceeded, `no answer within ${timeoutMs} ms`)
        : failure(grpcUnavailable, reasonOf(error))
    }
  }
}

function isStream(url: string): boolean {
  return url.includes('SubscriptionService/')
}

function failure(status: number, message: string): Response {
  const headers = { 'grpc-status': String(status), 'grpc-message': encodeURIComponent(message) }
  return new Response(null, { status: 200, headers })
}

/** undici says "fetch failed" and puts the reason into the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
