import type { KnownContent } from './known-content.ts'

/** What lies under a name. */
export type Known =
  | { readonly type: 'file'; readonly content: KnownContent; readonly mode: number }
  | { readonly type: 'directory' }
  | { readonly type: 'link'; readonly target: string }

export const directory: Known = { type: 'directory' }

/** What a worker knows to lie in its directory, by paths from there. */
export class KnownTree {
  readonly #all = new Map<string, Known>()

  get(path: string): Known | undefined {
    return this.#all.get(path)
  }

  /** Undefined takes it away. */
  set(path: string, known: Known | undefined): void {
    if (known) this.#all.set(path, known)
    else this.#all.delete(path)
  }

  /** Paths in order: what lies in a directory comes after it. */
  paths(type?: Known['type']): string[] {
    const paths = [...this.#all].filter(([, known]) => !type || known.type === type)
    return paths.map(([path]) => path).sort()
  }

  /** Paths of all that lies somewhere below a directory. */
  below(path: string): string[] {
    return this.paths().filter((other) => other.startsWith(`${path}/`))
  }

  /** Names right in a directory; '' is the top. */
  namesIn(path: string): string[] {
    const prefix = path === '' ? '' : `${path}/`
    const rests = this.paths().flatMap((other) =>
      other.startsWith(prefix) ? other.slice(prefix.length) : [],
    )
    return rests.filter((rest) => !rest.includes('/'))
  }

  move(from: string, to: string): void {
    for (const path of [from, ...this.below(from)]) {
      const known = this.#all.get(path)
      this.#all.delete(path)
      if (known) this.#all.set(to + path.slice(from.length), known)
    }
  }

  get bytes(): number {
    let sum = 0
    for (const known of this.#all.values()) if (known.type === 'file') sum += known.content.size
    return sum
  }
}
