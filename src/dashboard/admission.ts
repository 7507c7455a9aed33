import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request gets no answer. */
export interface Refusal {
  readonly code: 401 | 405 | 421
  readonly text: string
}

/** What is looked at of a request before anything else. */
export type Asked = Pick<IncomingMessage, 'method' | 'headers'>

/**
 * Whoever comes by another name than the loopback address was sent by a page of somebody else whose name was made to point here (DNS
 * rebinding). Nothing can be changed, so GET is all there is.
 */
export function refusalOf({ method, headers }: Asked, port: number): Refusal | undefined {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) {
    return { code: 421, text: `this is 127.0.0.1:${port} and answers to no other name` }
  }
  if (method !== 'GET') return { code: 405, text: 'there is only GET' }
  return undefined
}

/** Data is for who has the token, which another site could not send along even if it knew it. */
export function tokenRefusalOf({ headers }: Asked, token: string): Refusal | undefined {
  const given = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  if (timingSafeEqual(digest(given), digest(token))) return undefined
  return { code: 401, text: 'walrusfs dashboard prints the address with a token' }
}

/** Of equal length, whatever was given. */
function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
