import type { Row } from './comparison.ts'
import type { Ground } from './ground.ts'

/** One thing that is measured, in a file of its own that is called like it. */
export interface Bench {
  /** On the command line. */
  readonly name: string
  /** In a few words. */
  readonly about: string
  /** Left out unless it is named. */
  readonly isLong?: boolean
  run(ground: Ground): Promise<readonly Row[]>
}
