import type { LoadPlan } from './load-messages.ts'

/** How long, with what, and how rough. */
export interface MixedPlan {
  readonly untilMs: number
  readonly seed: number
  readonly say: (text: string) => void
  /** Where readings and plots go; undefined: nowhere. */
  readonly out: string | undefined
  readonly load: Omit<LoadPlan, 'seed' | 'writer' | 'follower'>
  readonly flags: readonly string[]
  /** Of each daemon. */
  readonly readEveryMs: number
  /** The longest time that something is wrong, and between two troubles. */
  readonly troubleMs: number
  readonly pauseMs: number
  /** All is compared on the other machine so often. */
  readonly meetEveryMs: number
  readonly collectEveryMs: number
  /** Only small saves are made so often, for so long. */
  readonly lullEveryMs: number
  readonly lullMs: number
  readonly syncEveryMs: number
  /** When the writer's daemon is killed, as parts of the time. */
  readonly kills: readonly number[]
  /** A daemon that lived for less is not judged. */
  readonly judgedMinutes: number
}

const mebibyte = 1 << 20

/** Small caches, so that the network is read all the time, and storage that is renewed as epochs end. */
const flags = [
  ['--cache-size', '32M'],
  ['--memory', '16M'],
  ['--writeback-size', '24M'],
].flat()

/** An hour, or what is asked for. The writer's last life is more than half of it. */
export const longPlan = {
  load: {
    smallWorkers: 3,
    smallFiles: 150,
    smallMostBytes: 400_000,
    largeWorkers: 2,
    largeLeastBytes: 2 * mebibyte,
    largeMostBytes: 64 * mebibyte,
    largeAllBytes: 90 * mebibyte,
    bytesPerSecond: 1.5 * mebibyte,
    thinkMs: 300,
  },
  flags,
  readEveryMs: 5000,
  troubleMs: 12_000,
  pauseMs: 5000,
  meetEveryMs: 240_000,
  collectEveryMs: 150_000,
  lullEveryMs: 70_000,
  lullMs: 15_000,
  syncEveryMs: 40_000,
  kills: [0.07, 0.14, 0.22, 0.31, 0.4],
  judgedMinutes: 10,
} satisfies Partial<MixedPlan>

/** Half a minute, for `npm test`. */
export const shortPlan = {
  load: {
    smallWorkers: 2,
    smallFiles: 30,
    smallMostBytes: 200_000,
    largeWorkers: 1,
    largeLeastBytes: mebibyte,
    largeMostBytes: 6 * mebibyte,
    largeAllBytes: 12 * mebibyte,
    bytesPerSecond: 4 * mebibyte,
    thinkMs: 100,
  },
  flags,
  readEveryMs: 1000,
  troubleMs: 2500,
  pauseMs: 800,
  meetEveryMs: 10_000,
  collectEveryMs: 9000,
  lullEveryMs: 3000,
  lullMs: 4000,
  syncEveryMs: 6000,
  kills: [0.55],
  judgedMinutes: 10,
} satisfies Partial<MixedPlan>
