import { RpcCode, RpcFailure } from '../rpc-failure.ts'

const defaultPageSize = 50
const maxPageSize = 1000

export interface Page<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly nextPageToken: Uint8Array | undefined
}

/**
 * A page of items that are in the order of their keys. A token is the key of the last item before: what is added or
 * removed meanwhile moves no page.
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { readonly pageSize?: number; readonly pageToken?: Uint8Array },
): Page<T> {
  const size = Math.min(request.pageSize || defaultPageSize, maxPageSize)
  const after = request.pageToken?.length ? tokenKey(request.pageToken) : undefined
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  return { items: page, nextPageToken: more ? Buffer.from(`after ${keyOf(last)}`) : undefined }
}

function tokenKey(token: Uint8Array): string {
  const match = /^after (.+)$/s.exec(Buffer.from(token).toString())
  if (!match) throw new RpcFailure(RpcCode.invalidArgument, 'invalid page_token')
  return match[1]!
}
