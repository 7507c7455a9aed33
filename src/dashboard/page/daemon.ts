import type { DashboardData } from '../data.ts'
import type { Loaded } from './view.ts'

const limitMs = 60_000
const place = 'walrusfs token'

/** The daemon does not know the token: it was started anew, or the address was typed without it. */
export class Refused extends Error {}

/** Takes the token out of the address, where it would be copied and remembered along, and keeps it for this tab. */
export function takeToken(): string {
  const given = location.hash.slice(1)
  if (!/^[\w-]{43}$/.test(given)) return sessionStorage.getItem(place) ?? ''
  sessionStorage.setItem(place, given)
  history.replaceState(null, '', location.pathname)
  return given
}

/** Asks the daemon; undefined where there is nothing of the kind. Throws Refused, or an Error with the daemon's words. */
export async function ask<What extends keyof DashboardData>(
  token: string,
  what: What,
  wish = '',
): Promise<DashboardData[What] | undefined> {
  const response = await fetch(`data/${what}${wish}`, {
    headers: { authorization: `Bearer ${token}` },
    cache: 'no-store',
    signal: AbortSignal.timeout(limitMs),
  })
  if (response.status === 401) throw new Refused()
  if (response.status === 404) return undefined
  const told = (await response.json()) as DashboardData[What] & { readonly error?: string }
  if (!response.ok) throw new Error(told.error ?? response.statusText)
  return told
}

/** The same as a state to show. */
export async function load<What extends keyof DashboardData>(
  token: string,
  what: What,
  wish?: string,
): Promise<Loaded<DashboardData[What]>> {
  try {
    const data = await ask(token, what, wish)
    return data === undefined ? { state: 'none' } : { state: 'there', data }
  } catch (error) {
    return { state: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}
