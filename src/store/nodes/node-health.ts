import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { NodeHealth } from '../blob-store.ts'
import type { StorageNode } from './committee.ts'
import { isFinal } from './node-error.ts'

/** Answers whose time is remembered. */
const memory = 33
/** A node that lied is not asked first again for so long. */
const lieMs = 60_000
const firstPauseMs = 1000
const maxPauseMs = 60_000
/** Not called slow below this, however quick the others are. */
const slowMs = 200
/** Failures in a row that are worth a word, and times outrun in a row that make a node one to be asked later. */
const several = 3

/** The shortest and the longest wait for a node before another way is tried beside it. */
export interface Patience {
  readonly leastMs: number
  readonly mostMs: number
  /** How long a row may be rebuilt before the whole blob is fetched beside it. @default 5000 */
  readonly rebuildMs?: number
}

const usualPatience: Patience = { leastMs: 60, mostMs: 3000 }

interface NodeRecord {
  node: StorageNode
  requests: number
  failures: number
  /** Failures since the last success. */
  inRow: number
  /** Times that another way was faster since the last success. */
  outrun: number
  /** Not asked first before this moment. */
  pausedUntilMs: number
  liedUntilMs: number
  lastError: string | undefined
  lies: number
  readonly times: number[]
}

/** How the storage nodes behave: who is asked first, who is left alone for a while. */
export class NodeHealthBook {
  readonly #records = new Map<ObjectId, NodeRecord>()
  readonly #clock: Clock
  readonly #log: Log
  readonly #patience: Patience

  constructor(clock: Clock, log: Log, patience: Patience = usualPatience) {
    this.#clock = clock
    this.#log = log
    this.#patience = patience
  }

  /** Makes the nodes of a committee known; those that left are forgotten. */
  expect(nodes: readonly StorageNode[]): void {
    const ids = new Set(nodes.map(({ id }) => id))
    for (const id of this.#records.keys()) if (!ids.has(id)) this.#records.delete(id)
    for (const node of nodes) this.#record(node).node = node
  }

  /** `ms`: how long it took, where that tells something about the node. */
  succeeded(node: StorageNode, ms?: number): void {
    const record = this.#record(node)
    record.requests++
    this.#answers(record)
    if (ms !== undefined) remember(record, ms)
  }

  /** Another way was faster, and the request was given up after that time. */
  outrun(node: StorageNode, ms: number): void {
    const record = this.#record(node)
    record.requests++
    record.outrun++
    remember(record, ms)
    if (record.outrun >= several) this.#pause(record, record.outrun - several)
  }

  /** A refusal is an answer: it does not make a node a bad one. */
  failed(node: StorageNode, error: unknown): void {
    const record = this.#record(node)
    record.requests++
    if (isFinal(error)) {
      this.#answers(record)
      return
    }
    record.failures++
    record.inRow++
    record.lastError = error instanceof Error ? error.message : String(error)
    this.#pause(record, record.inRow - 1)
    if (record.inRow !== several) return
    this.#log.warn('a storage node does not answer', {
      node: node.name,
      reason: record.lastError,
    })
  }

  /** It served what does not verify. Dropped, counted, and said aloud. */
  lied(node: StorageNode, about: string, blob: string): void {
    const record = this.#record(node)
    record.failures++
    record.lies++
    record.lastError = `${about} does not verify`
    record.liedUntilMs = this.#clock.now() + lieMs
    this.#log.warn('a storage node serves what does not verify', { node: node.name, about, blob })
  }

  /**
   * Whether to ask it first. A node on pause is asked now and then by one request, to see whether it is back: this
   * answers yes once when that time has come.
   */
  askFirst(node: StorageNode): boolean {
    const record = this.#record(node)
    const now = this.#clock.now()
    if (record.liedUntilMs > now || record.pausedUntilMs > now) return false
    if (record.inRow > 0 || record.outrun >= several) record.pausedUntilMs = now + firstPauseMs
    return true
  }

  /** The better ones first; equals in random order. */
  sorted(nodes: readonly StorageNode[]): StorageNode[] {
    const now = this.#clock.now()
    const rank = (node: StorageNode): number => {
      const record = this.#record(node)
      if (record.liedUntilMs > now) return 3
      if (record.pausedUntilMs > now) return 2
      return Math.min(median(record.times) ?? 0, 10_000) / 10_000
    }
    return nodes
      .map((node) => ({ node, rank: rank(node) + Math.random() * 0.01 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node)
  }

  /**
   * After how long without an answer a second way is worth starting: well beyond the node's usual time, and beyond
   * twice that of the others if it is always late.
   */
  patienceMs(node: StorageNode): number {
    const usual = this.#usualMs() ?? 300
    const own = median(this.#record(node).times) ?? usual
    const { leastMs, mostMs } = this.#patience
    return Math.min(Math.max(3 * Math.min(own, 2 * usual), leastMs), mostMs)
  }

  view(): NodeHealth[] {
    return [...this.#records.values()].map((record) => ({
      name: record.node.name,
      url: record.node.url,
      shards: record.node.shards.length,
      state: this.#state(record),
      requests: record.requests,
      failures: record.failures,
      medianMs: median(record.times),
      lastError: record.lastError,
      lies: record.lies,
    }))
  }

  #answers(record: NodeRecord): void {
    if (record.inRow >= several) {
      this.#log.info('a storage node answers again', { node: record.node.name })
    }
    record.inRow = 0
    record.outrun = 0
    record.pausedUntilMs = 0
  }

  #pause(record: NodeRecord, before: number): void {
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(before, 10), maxPauseMs)
    record.pausedUntilMs = this.#clock.now() + pauseMs
  }

  #state(record: NodeRecord): NodeHealth['state'] {
    if (record.liedUntilMs > this.#clock.now()) return 'lying'
    if (record.inRow > 0) return 'down'
    if (record.outrun >= several) return 'slow'
    const own = median(record.times) ?? 0
    return own > Math.max(slowMs, 4 * (this.#usualMs() ?? 0)) ? 'slow' : 'ok'
  }

  /** The median of the nodes' medians. */
  #usualMs(): number | undefined {
    const medians = [...this.#records.values()].flatMap(({ times }) => median(times) ?? [])
    return median(medians)
  }

  #record(node: StorageNode): NodeRecord {
    let record = this.#records.get(node.id)
    if (!record) {
      record = {
        node,
        requests: 0,
        failures: 0,
        inRow: 0,
        outrun: 0,
        pausedUntilMs: 0,
        liedUntilMs: 0,
        lastError: undefined,
        lies: 0,
        times: [],
      }
      this.#records.set(node.id, record)
    }
    return record
  }
}

function remember(record: NodeRecord, ms: number): void {
  record.times.push(ms)
  if (record.times.length > memory) record.times.shift()
}

function median(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
}
