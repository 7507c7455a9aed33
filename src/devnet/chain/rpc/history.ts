import type { ChainState } from '../chain-state.ts'
import type { IndexedTransaction } from '../ledger/transaction-index.ts'
import { FieldMask, defaultMask } from '../proto/field-mask.ts'
import { G } from '../proto/grpc-types.ts'
import { maskExecuted } from '../proto/proto-executed.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { eventPredicate, transactionPredicate } from './filters.ts'
import { storedTransaction } from './ledger-service.ts'
import { stream } from './methods.ts'
import type { MethodTable } from './methods.ts'
import type { Reads } from './reads.ts'

const defaultLimit = 50
const maxLimit = 1000

/** Where an item lies in the history: its checkpoint, and its place there. */
interface Position {
  readonly checkpoint: bigint
  readonly place: number
}

interface Range {
  readonly startCheckpoint?: bigint
  readonly endCheckpoint?: bigint
  readonly options?: G.QueryOptions
}

/** The streams of `sui.rpc.v2.LedgerService` that look back. */
export function historyService(chain: ChainState, reads: Reads): MethodTable {
  const service = 'sui.rpc.v2.LedgerService'
  return {
    [`${service}/ListTransactions`]: stream(
      G.ListTransactionsRequest,
      G.ListTransactionsResponse,
      async (request, send) => {
        const wanted = transactionPredicate(request.filter)
        const mask = FieldMask.of(request.readMask, defaultMask.transaction)
        const places = (found: IndexedTransaction) => (wanted(found.facts) ? [0] : [])
        for (const { found, ...frame } of look(chain, reads, request, places))
          send({
            ...frame,
            ...(found && { transaction: maskExecuted(storedTransaction(chain, found), mask) }),
          })
      },
    ),
    [`${service}/ListEvents`]: stream(
      G.ListEventsRequest,
      G.ListEventsResponse,
      async (request, send) => {
        const wanted = eventPredicate(request.filter)
        const places = ({ facts }: IndexedTransaction) =>
          facts.events.flatMap((event, i) => (wanted(facts, event) ? [i] : []))
        for (const { found, place, ...frame } of look(chain, reads, request, places)) {
          const event = found && storedTransaction(chain, found).events?.events[place]
          send({ ...frame, ...(event && { event }) })
        }
      },
    ),
  }
}

interface HistoryFrame {
  readonly watermark: G.Watermark
  readonly end?: G.QueryEnd
  readonly found?: IndexedTransaction
  readonly place: number
}

/** The wanted items of a range in the order that was asked for, each in a frame; the last frame says why it ends. */
function* look(
  chain: ChainState,
  reads: Reads,
  range: Range,
  places: (transaction: IndexedTransaction) => readonly number[],
): Iterable<HistoryFrame> {
  const { transactions } = chain.ledger
  const descending = range.options?.ordering === G.Ordering.DESCENDING
  const limit = Math.min(range.options?.limit || defaultLimit, maxLimit)
  const [low, high] = boundsOf(range, transactions.first, reads.last)
  const inside = ({ checkpoint, place }: Position) => isInside({ checkpoint, place }, range)
  let count = 0
  for (let step = 0n; low + step <= high; step++) {
    const checkpoint = descending ? high - step : low + step
    const found = transactions.at(checkpoint)
    const wanted = found ? places(found).filter((place) => inside({ checkpoint, place })) : []
    for (const place of descending ? [...wanted].reverse() : wanted) {
      const watermark = { cursor: cursorOf({ checkpoint, place }), checkpoint }
      count++
      const end = count === limit ? { end: { reason: G.QueryEndReason.ITEM_LIMIT } } : {}
      yield { watermark, found: found!, place, ...end }
      if (count === limit) return
    }
  }
  const edge = descending ? low : high
  const watermark = { cursor: cursorOf({ checkpoint: edge, place: 0xffff }), checkpoint: edge }
  yield { watermark, place: 0, end: { reason: G.QueryEndReason.LEDGER_TIP } }
}

/** The checkpoints to look at, both included. `end_checkpoint` itself is not. */
function boundsOf(range: Range, first: bigint, last: bigint): readonly [bigint, bigint] {
  const low = [first, range.startCheckpoint ?? 0n, after(range)?.checkpoint ?? 0n]
  const end = range.endCheckpoint === undefined ? last : range.endCheckpoint - 1n
  const high = [last, end, before(range)?.checkpoint ?? last]
  return [
    low.reduce((most, each) => (each > most ? each : most)),
    high.reduce((least, each) => (each < least ? each : least)),
  ]
}

function isInside(position: Position, range: Range): boolean {
  const lower = after(range)
  const upper = before(range)
  return (!lower || compare(position, lower) > 0) && (!upper || compare(position, upper) < 0)
}

function compare(a: Position, b: Position): number {
  if (a.checkpoint !== b.checkpoint) return a.checkpoint < b.checkpoint ? -1 : 1
  return a.place - b.place
}

function after({ options }: Range): Position | undefined {
  return options?.after?.length ? positionOf(options.after) : undefined
}

function before({ options }: Range): Position | undefined {
  return options?.before?.length ? positionOf(options.before) : undefined
}

function cursorOf({ checkpoint, place }: Position): Uint8Array {
  return Buffer.from(`${checkpoint}.${place}`)
}

function positionOf(cursor: Uint8Array): Position {
  const match = /^(\d+)\.(\d+)$/.exec(Buffer.from(cursor).toString())
  if (!match) throw new RpcFailure(RpcCode.invalidArgument, 'invalid cursor')
  return { checkpoint: BigInt(match[1]!), place: Number(match[2]) }
}
