import { growth } from './growth/main.ts'

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
]
