import { growth } from './growth/main.ts'
import { large, scanning } from './large/main.ts'

/** A bench that is no ratio, run alone and with flags of its own: it takes long, or much of the disk. */
export interface Experiment {
  /** On the command line. */
  readonly name: string
  /** In a few words. */
  readonly about: string
  run(args: readonly string[]): Promise<void>
}

export const experiments: readonly Experiment[] = [
  {
    name: 'growth',
    about: 'How cost grows: files per directory and drive, bytes, shards',
    run: growth,
  },
  {
    name: 'large',
    about: 'A file of 100 GB with holes and one of 10 GB without, within 1 GB of cache',
    run: large,
  },
  {
    name: 'scan',
    about: 'Whether a scan of 10 GB leaves 100 MB in use in the cache',
    run: scanning,
  },
]
