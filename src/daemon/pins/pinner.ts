import type { PinStatus, PinView } from '../../control/pin-report.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import type { Drive } from '../open-drive.ts'
import { bytesText } from '../quantity.ts'
import { fetchPieces } from './fetch-pieces.ts'
import type { PinList } from './pin-list.ts'
import { fingerprints, wantedBy, type Wanted } from './wanted.ts'

/** How often it is looked whether anything has changed. */
const everyMs = 1000
/** The directory of the cache itself is looked at in each of so many looks. */
const looksPerListing = 5
/** A pass may take this share of the time. */
const restShare = 10
const longestRestMs = 60_000
/** Copies are handed to the disk in parts of this size. */
const copyBytes = 8 << 20
/** Of the cache, what pins may take. */
const pinShare = 0.9

const none: Wanted = { refs: new Map(), bytes: 0, of: new Map() }

/** Keeps in the cache what the pins of a mount are about, whoever changes it and whatever becomes of the cache. */
export class Pinner {
  readonly #drive: Drive
  readonly #list: PinList
  readonly #clock: Clock
  readonly #log: Log
  readonly #ended = new AbortController()
  #wanted = none
  #why: string | undefined
  #known = ''
  #passes = 0
  #waiters: (() => void)[] = []
  #nudge = new AbortController()
  #running: Promise<void> | undefined

  constructor(drive: Drive, list: PinList, clock: Clock) {
    this.#drive = drive
    this.#list = list
    this.#clock = clock
    this.#log = drive.request.log.room('pins')
  }

  get limitBytes(): number {
    return Math.floor(this.#drive.request.settings.cacheBytes * pinShare)
  }

  get status(): PinStatus {
    const { bytes, refs } = this.#wanted
    return {
      count: this.#list.pins.length,
      bytes,
      presentBytes: this.#presentOf(refs.values()),
      limitBytes: this.limitBytes,
      why: this.#list.trouble ?? this.#why,
    }
  }

  get views(): PinView[] {
    return this.#list.pins.map((pin) => {
      const of = this.#wanted.of.get(pin)
      const [files, bytes] = [of?.files ?? 0, of?.bytes ?? 0]
      const state = of
        ? of.refs.every((ref) => this.#drive.cache.pinned.has(ref))
          ? 'present'
          : this.#why === undefined
            ? 'fetching'
            : 'waiting'
        : this.#passes > 0 && this.#why === undefined
          ? 'gone'
          : 'waiting'
      return { path: pin.path, state, files, bytes }
    })
  }

  start(): void {
    this.#running ??= this.#run(this.#ended.signal)
  }

  async stop(): Promise<void> {
    this.#ended.abort(new Error('the drive closes'))
    await this.#running
    for (const wake of this.#waiters) wake()
    this.#list.close()
  }

  /** Looks at once, and resolves when everything is here that can be had now. */
  async again(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      this.#waiters.push(resolve)
      this.#known = ''
      this.#nudge.abort()
    })
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let look = 0; !signal.aborted; look++) {
      let restMs = everyMs
      try {
        if (await this.#isDue(look)) restMs = await this.#passInTime(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#say(error)
        restMs = 5 * everyMs
      }
      this.#nudge = new AbortController()
      if (this.#waiters.length > 0 && this.#known === '') continue
      const either = AbortSignal.any([signal, this.#nudge.signal])
      await this.#clock.sleep(restMs, either).catch(() => {})
    }
  }

  async #isDue(look: number): Promise<boolean> {
    this.#list.refresh()
    const { pins } = this.#list
    if (pins.length > 0 && look % looksPerListing === 0) await this.#drive.cache.look()
    return this.#known !== this.#stamp() || this.#why !== undefined
  }

  /** Another whenever something may be wanted or missing that was not before. */
  #stamp(): string {
    const { worktree, cache } = this.#drive
    const { damaged } = cache.stats
    const { base, inline } = worktree
    const tree = [base?.self.hash, inline.length, this.#list.changes, worktree.dirty]
    return [...tree, cache.pinned.bytes, cache.pinned.otherBytes, damaged].join(' ')
  }

  /** Milliseconds to rest afterwards. */
  async #passInTime(signal: AbortSignal): Promise<number> {
    const startMs = this.#clock.now()
    const waiters = this.#waiters
    this.#waiters = []
    const before = this.#list.changes
    this.#known = 'under way'
    try {
      await this.#pass(signal)
    } finally {
      for (const wake of waiters) wake()
    }
    if (this.#list.changes === before && this.#known !== '') this.#known = this.#stamp()
    const tookMs = this.#clock.now() - startMs
    const restMs = this.#why === undefined ? everyMs : 5 * everyMs
    return Math.min(longestRestMs, Math.max(restMs, restShare * tookMs))
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { cache } = this.#drive
    const { pins } = this.#list
    if (pins.length === 0 && this.#wanted === none && cache.pinned.ownBytes === 0) return
    await cache.look()
    const wanted = pins.length === 0 ? none : await wantedBy(this.#drive, pins, signal)
    this.#list.keep()
    this.#wanted = wanted
    this.#passes++
    cache.pinned.want(fingerprints(wanted))
    this.#why = await this.#bring(wanted, signal)
    await cache.pinned.sweep()
  }

  /** Brings what is missing as far as the limit goes; why not all of it is here. */
  async #bring(wanted: Wanted, signal: AbortSignal): Promise<string | undefined> {
    const { cache } = this.#drive
    const missing = [...wanted.refs.values()].filter((ref) => !cache.pinned.has(ref))
    const room = this.limitBytes - cache.pinned.otherBytes - (wanted.bytes - bytesOf(missing))
    // What is not pinned gives way.
    const free = cache.room + cache.stats.diskBytes - cache.pinned.bytes
    const fitting = upTo(missing, Math.min(room, free))
    const rest = await this.#copy(fitting, signal)
    let failure: Error | undefined
    if (rest.length > 0) {
      await fetchPieces(this.#drive, rest, (_, why) => (failure ??= why), signal)
    }
    if (failure) return failure.message
    if (fitting.length === missing.length) return undefined
    if (free < room) return 'the disk of the cache is full: make room, or unpin something'
    return `${bytesText(wanted.bytes)} are pinned, and pins may take ${bytesText(this.limitBytes)} of this cache: unpin something, or mount with a larger --cache-size`
  }

  /** Copies what the rest of the cache has; the pieces that it has not. */
  async #copy(refs: readonly PieceRef[], signal: AbortSignal): Promise<PieceRef[]> {
    const { cache } = this.#drive
    let waiting = 0
    for (const ref of refs) {
      const stored = cache.isOnDisk(ref) ? cache.copyOf(ref) : undefined
      if (!stored) continue
      cache.pinned.put(ref, stored)
      waiting += stored.length
      if (waiting < copyBytes) continue
      waiting = 0
      await cache.idle()
      signal.throwIfAborted()
    }
    await cache.idle()
    return refs.filter((ref) => !cache.pinned.has(ref))
  }

  #presentOf(refs: Iterable<PieceRef>): number {
    let bytes = 0
    for (const ref of refs) if (this.#drive.cache.pinned.has(ref)) bytes += ref.storedLength
    return bytes
  }

  #say(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    if (why !== this.#why) this.#log.warn('pins wait', { why })
    this.#why = why
    this.#known = ''
  }
}

function bytesOf(refs: readonly PieceRef[]): number {
  return refs.reduce((sum, { storedLength }) => sum + storedLength, 0)
}

function upTo(refs: readonly PieceRef[], room: number): PieceRef[] {
  let left = room
  return refs.filter(({ storedLength }) => (left -= storedLength) >= 0)
}
