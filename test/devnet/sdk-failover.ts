/**
 * A fetch for the official client, which asks a single node for metadata and gives up when there are fewer than eleven:
 * this one asks the others, too.
 */
export function failover(urls: readonly string[]): typeof fetch {
  return async (input, init) => {
    const url = new URL(input as string)
    const isMetadata = (init?.method ?? 'GET') === 'GET' && url.pathname.endsWith('/metadata')
    if (!isMetadata) return fetch(url, init)
    const all = [url.origin, ...urls].map(async (origin) => {
      const response = await fetch(origin + url.pathname, init)
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return response
    })
    return Promise.any(all)
  }
}
