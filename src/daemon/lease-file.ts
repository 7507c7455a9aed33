import { readFileSync, rmSync } from 'node:fs'
import type { KeptLease } from '../manifest/lease-keeper.ts'
import { replaceFile } from '../runtime/replace-file.ts'

/** Until when this machine may have a drive's lease, in a file of its state directory. */
export class LeaseFile implements KeptLease {
  readonly #path: string
  #atMostMs: number | undefined

  /** A file that cannot be read counts as none: the lease is then waited for. */
  constructor(path: string) {
    this.#path = path
    this.#atMostMs = read(path)
  }

  get atMostMs(): number | undefined {
    return this.#atMostMs
  }

  keep(atMostMs: number | undefined): void {
    this.#atMostMs = atMostMs
    if (atMostMs === undefined) return rmSync(this.#path, { force: true })
    replaceFile(this.#path, JSON.stringify({ atMostMs }))
  }
}

function read(path: string): number | undefined {
  try {
    const { atMostMs } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    return typeof atMostMs === 'number' ? atMostMs : undefined
  } catch {
    return undefined
  }
}
