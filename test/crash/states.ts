import { type Act, after, between, type Files, type Version } from './acts.ts'

/** Files as they were found. */
export type Found = ReadonlyMap<string, Buffer>

/**
 * What the files may be after a crash: as they were promised, or as they were at some moment since. Bytes that were written
 * over others and not synced may be there in part.
 */
export class States {
  readonly #states: Files[] = [new Map()]
  #promised = 0

  get now(): Files {
    return this.#states.at(-1)!
  }

  begin(act: Act): void {
    this.#states.push(...between(this.now, act), after(this.now, act))
  }

  /** Whatever was done until `moment` is kept for ever. */
  promise(moment: Files): void {
    this.#promised = Math.max(this.#promised, this.#states.lastIndexOf(moment))
  }

  whatIsWrongWith(found: Found): string | undefined {
    const since = this.#states.slice(this.#promised)
    if (since.some((state) => isLike(found, state, since))) return undefined
    const before = this.#states.slice(0, this.#promised)
    if (before.some((state) => isLike(found, state, before))) return 'a promise was broken'
    return `the files were never like that: ${told(found)}; promised were ${told(bytesOf(since[0]!))}`
  }
}

export function sameFiles(one: Found, other: Found): boolean {
  return (
    one.size === other.size && [...one].every(([name, bytes]) => other.get(name)?.equals(bytes))
  )
}

/** The names and lengths of a state, and its bytes or those that patches put in their place at another of the moments. */
function isLike(found: Found, state: Files, moments: readonly Files[]): boolean {
  if (found.size !== state.size) return false
  return [...state].every(([name, version]) => {
    const bytes = found.get(name)
    return bytes !== undefined && isMixOf(bytes, version, moments)
  })
}

function isMixOf(found: Buffer, version: Version, moments: readonly Files[]): boolean {
  if (found.equals(version.bytes)) return true
  if (found.length !== version.bytes.length) return false
  const others = moments
    .flatMap((files) => [...files.values()])
    .filter(({ origin }) => origin === version.origin)
  return found.every((byte, at) => others.some(({ bytes }) => bytes[at] === byte))
}

function bytesOf(files: Files): Found {
  return new Map([...files].map(([name, { bytes }]) => [name, bytes]))
}

function told(files: Found): string {
  return [...files].map(([name, bytes]) => `${name} (${bytes.length} bytes)`).join(', ') || 'none'
}
