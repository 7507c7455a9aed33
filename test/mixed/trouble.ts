import type { DevnetClient } from '../../src/devnet/devnet-client.ts'
import type { CuttableLine } from '../writers/cuttable-line.ts'

/** What can be broken. */
export interface Breakable {
  readonly devnet: DevnetClient
  readonly lines: readonly CuttableLine[]
  /** Storage nodes, and how many of them may fail. */
  readonly nodes: number
  readonly borne: number
}

/** Something that is wrong for a while. */
export interface Trouble {
  /** Each kind is counted. */
  readonly kinds: readonly string[]
  /** More than reads and commits bear. */
  readonly isTooMuch: boolean
  /** What it excuses, when it is not too much. */
  readonly excuses?: 'chain'
  readonly lengthMs: number
  begin(what: Breakable): Promise<unknown>
  end(what: Breakable): Promise<unknown>
}

export const never = new AbortController().signal
