import type { Axis } from '../../redstuff/codec.ts'
import { parseBlobId, type BlobId } from '../../terms/blob-id.ts'
import { parseObjectId, type ObjectId } from '../../terms/object-id.ts'

/** The families of a storage node's API, by which faults are aimed. */
export const nodeDoors = ['metadata', 'slivers', 'symbols', 'confirmations', 'status'] as const
export type NodeDoor = (typeof nodeDoors)[number]

/** One call of the API, its path and query understood. */
export type Route =
  | { readonly door: 'metadata'; readonly action: 'get' | 'status'; readonly blobId: BlobId }
  | {
      readonly door: 'metadata'
      readonly action: 'put'
      readonly blobId: BlobId
      /** Buffer it when the blob is not registered yet. */
      readonly pending: boolean
    }
  | {
      readonly door: 'slivers'
      readonly action: 'get' | 'status'
      readonly blobId: BlobId
      readonly pair: number
      readonly axis: Axis
    }
  | {
      readonly door: 'slivers'
      readonly action: 'put'
      readonly blobId: BlobId
      readonly pair: number
      readonly axis: Axis
      readonly pending: boolean
    }
  | {
      readonly door: 'confirmations'
      readonly action: 'confirm'
      readonly blobId: BlobId
      /** The blob object; undefined for a permanent blob. */
      readonly objectId: ObjectId | undefined
      /** How long to wait for the registration, milliseconds; 0: not at all. */
      readonly waitMs: number
    }
  | {
      readonly door: 'symbols'
      readonly action: 'recovery' | 'decoding'
      readonly blobId: BlobId
      readonly query: URLSearchParams
    }
  | {
      readonly door: 'symbols'
      readonly action: 'inconsistency'
      readonly blobId: BlobId
      readonly axis: Axis
    }
  | { readonly door: 'status'; readonly action: 'blob'; readonly blobId: BlobId }
  | { readonly door: 'status'; readonly action: 'health'; readonly detailed: boolean }

/** What the router says itself, in plain text. */
export class RouteError extends Error {
  override readonly name = 'RouteError'
  readonly code: 400 | 404 | 405
  /** The methods that would be right, for 405. */
  readonly allow: string | undefined

  constructor(code: 400 | 404 | 405, message: string, allow?: string) {
    super(message)
    this.code = code
    this.allow = allow
  }
}

const maxWaitMs = 10_000
const sliverPath = /^slivers\/([^/]+)\/([^/]+)(\/status)?$/
const confirmationPath = /^confirmation\/(?:(permanent)|deletable\/([^/]+))$/

/** Understands a request line. Throws {@link RouteError}. */
export function parseRoute(method: string, url: string): Route {
  const cut = url.indexOf('?')
  const path = cut < 0 ? url : url.slice(0, cut)
  const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
  if (path === '/v1/health') {
    allow(method, 'GET')
    return { door: 'status', action: 'health', detailed: flag(query, 'detailed') }
  }
  const match = /^\/v1\/blobs\/([^/]+)\/(.+)$/.exec(path)
  if (!match) throw new RouteError(404, '')
  return blobRoute(method, match[1]!, match[2]!, query)
}

function blobRoute(method: string, id: string, rest: string, query: URLSearchParams): Route {
  switch (rest) {
    case 'metadata':
      if (isPut(method, 'GET,HEAD,PUT')) {
        const pending = flag(query, 'pending')
        return { door: 'metadata', action: 'put', blobId: blobIdOf(id), pending }
      }
      return { door: 'metadata', action: 'get', blobId: blobIdOf(id) }
    case 'metadata/status':
      allow(method, 'GET')
      return { door: 'metadata', action: 'status', blobId: blobIdOf(id) }
    case 'status':
      allow(method, 'GET')
      return { door: 'status', action: 'blob', blobId: blobIdOf(id) }
    case 'recoverySymbols':
    case 'decodingSymbols': {
      allow(method, 'GET')
      const action = rest === 'recoverySymbols' ? 'recovery' : 'decoding'
      return { door: 'symbols', action, blobId: blobIdOf(id), query }
    }
    default:
      return deeperRoute(method, id, rest, query)
  }
}

function deeperRoute(method: string, id: string, rest: string, query: URLSearchParams): Route {
  const sliver = sliverPath.exec(rest)
  if (sliver) return sliverRoute(method, id, sliver, query)
  const confirmation = confirmationPath.exec(rest)
  if (confirmation) {
    allow(method, 'GET')
    const objectId = confirmation[1] ? undefined : objectIdOf(confirmation[2]!)
    const waitMs = waitOf(query)
    return { door: 'confirmations', action: 'confirm', blobId: blobIdOf(id), objectId, waitMs }
  }
  const proof = /^inconsistencyProof\/([^/]+)$/.exec(rest)
  if (!proof) throw new RouteError(404, '')
  allow(method, 'POST')
  const axis = axisOf(proof[1]!)
  return { door: 'symbols', action: 'inconsistency', blobId: blobIdOf(id), axis }
}

function sliverRoute(
  method: string,
  id: string,
  [, pairText, axisText, status]: RegExpExecArray,
  query: URLSearchParams,
): Route {
  if (status) allow(method, 'GET')
  const put = !status && isPut(method, 'GET,HEAD,PUT')
  const address = { blobId: blobIdOf(id), pair: u16Of(pairText!), axis: axisOf(axisText!) }
  if (put) return { door: 'slivers', action: 'put', ...address, pending: flag(query, 'pending') }
  return { door: 'slivers', action: status ? 'status' : 'get', ...address }
}

function isPut(method: string, allowed: string): boolean {
  if (method === 'PUT') return true
  if (method === 'GET' || method === 'HEAD') return false
  throw new RouteError(405, '', allowed)
}

function allow(method: string, allowed: 'GET' | 'POST'): void {
  if (method === allowed || (allowed === 'GET' && method === 'HEAD')) return
  throw new RouteError(405, '', allowed === 'GET' ? 'GET,HEAD' : allowed)
}

function blobIdOf(text: string): BlobId {
  try {
    return parseBlobId(text)
  } catch {
    throw new RouteError(400, 'Invalid URL: failed to parse a blob ID')
  }
}

function objectIdOf(text: string): ObjectId {
  try {
    return parseObjectId(text)
  } catch {
    throw new RouteError(400, 'Invalid URL: failed to parse an object ID')
  }
}

/** A u16 as a path or query says it. */
export function u16Of(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  if (value <= 65535) return value
  throw new RouteError(
    400,
    `Invalid URL: cannot parse ${JSON.stringify(text.slice(0, 32))} to a u16`,
  )
}

export function axisOf(text: string): Axis {
  if (text === 'primary' || text === 'secondary') return text
  throw new RouteError(400, 'Invalid URL: a sliver type is `primary` or `secondary`')
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? 'false'
  if (value === 'true' || value === 'false') return value === 'true'
  throw new RouteError(400, `Failed to deserialize query string: ${name} is \`true\` or \`false\``)
}

function waitOf(query: URLSearchParams): number {
  if (!flag(query, 'wait_for_registration')) return 0
  const text = query.get('wait_millis') ?? String(maxWaitMs)
  if (!/^\d{1,15}$/.test(text)) {
    throw new RouteError(400, 'Failed to deserialize query string: wait_millis is a number')
  }
  return Math.min(Number(text), maxWaitMs)
}
