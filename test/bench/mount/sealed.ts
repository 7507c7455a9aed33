import { join } from 'node:path'
import { perSecond } from '../../../src/cli/bench/amount.ts'
import { createFiles } from '../../../src/cli/bench/small-files.ts'
import { readWhole, writeWhole } from '../../../src/cli/bench/whole-file.ts'
import { processorSeconds } from '../growth/process-cost.ts'
import type { Bench } from '../harness/bench.ts'
import type { Row } from '../harness/comparison.ts'
import type { Ground, Mounted } from '../harness/ground.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const fileBytes = 128 << 20
const files = 2000

/** A drive, with what is done to it; each gives the figure of a round. */
class Side {
  readonly #ground: Ground
  readonly #drive: Mounted
  readonly #pid: number

  private constructor(ground: Ground, drive: Mounted, pid: number) {
    this.#ground = ground
    this.#drive = drive
    this.#pid = pid
  }

  static async of(ground: Ground, kind: '--public' | '--no-public'): Promise<Side> {
    const drive = await ground.driveOf(kind)
    return new Side(ground, drive, await drive.machine.pidOf(drive.path))
  }

  readonly write = (): number =>
    perSecond(writeWhole(join(this.#drive.path, 'large'), fileBytes)) / 1e6

  readonly store = async (): Promise<number> => {
    const { machine, path } = this.#drive
    return fileBytes / (await seconds(() => machine.ok('sync', path))) / 1e6
  }

  /** Of the daemon, all threads, for a file that is written and stored. */
  readonly cost = async (round: number): Promise<number> => {
    const { machine, path } = this.#drive
    const before = processorSeconds(this.#pid)
    writeWhole(join(path, `cost-${round}`), fileBytes)
    await machine.ok('sync', path)
    return processorSeconds(this.#pid) - before
  }

  readonly create = (round: number): number =>
    perSecond(createFiles(join(this.#drive.path, `small-${round}`), files))

  readonly readCold = async (): Promise<number> => {
    const other = this.#ground.other(this.#drive.machine)
    const there = await other.mount('demo', '--read-only')
    const rate = perSecond(readWhole(join(there, 'large'))) / 1e6
    await other.ok('umount', there)
    return rate
  }
}

/** What it costs that a drive is sealed. */
export const sealed: Bench = {
  name: 'sealed',
  about: 'a sealed drive, and a public one in turn with it',
  isLong: true,
  run: async (ground) => {
    const ours = await Side.of(ground, '--no-public')
    const theirs = await Side.of(ground, '--public')
    const rows: Row[] = []
    const compare = async (
      measure: string,
      unit: string,
      better: 'higher' | 'lower',
      of: (side: Side) => (round: number) => number | Promise<number>,
    ): Promise<void> => {
      const figures = await inTurn(ground.rounds, { ours: of(ours), theirs: of(theirs) })
      rows.push({ measure, unit, better, against: 'a public drive', ...figures })
    }
    await compare('write 128 MiB until close', 'MB/s', 'higher', ({ write }) => write)
    await compare('store what was written (sync)', 'MB/s', 'higher', ({ write, store }) => {
      return () => (write(), store())
    })
    await compare('processor of both', 's', 'lower', ({ cost }) => cost)
    await compare('create 2,000 × 4 KiB', 'files/s', 'higher', ({ create }) => create)
    await compare('read 128 MiB from an empty cache', 'MB/s', 'higher', ({ readCold }) => readCold)
    return rows
  },
}
