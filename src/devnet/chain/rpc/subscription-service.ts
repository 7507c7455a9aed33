import type { ChainState, Committed } from '../chain-state.ts'
import { FieldMask, defaultMask } from '../proto/field-mask.ts'
import { G } from '../proto/grpc-types.ts'
import { maskExecuted } from '../proto/proto-executed.ts'
import { eventPredicate, transactionPredicate } from './filters.ts'
import { stream } from './methods.ts'
import type { Method, MethodTable } from './methods.ts'
import type { Reads } from './reads.ts'

/** `sui.rpc.v2.SubscriptionService`. A stream begins with a frame that only says where it stands. */
export function subscriptionService(chain: ChainState, reads: Reads): MethodTable {
  const service = 'sui.rpc.v2.SubscriptionService'
  return {
    [`${service}/SubscribeTransactions`]: subscribeTransactions(chain, reads),
    [`${service}/SubscribeEvents`]: subscribeEvents(chain, reads),
    [`${service}/SubscribeCheckpoints`]: subscribeCheckpoints(chain, reads),
  }
}

function subscribeTransactions(chain: ChainState, reads: Reads): Method {
  return stream(
    G.SubscribeTransactionsRequest,
    G.SubscribeTransactionsResponse,
    (request, send, signal) => {
      const wanted = transactionPredicate(request.filter)
      const mask = FieldMask.of(request.readMask, defaultMask.transaction)
      send({ watermark: watermarkAt(reads.last) })
      return follow(chain, signal, ({ commit, message }) => {
        if (!wanted(commit.facts)) return
        const watermark = watermarkAt(commit.checkpoint)
        send({ transaction: maskExecuted(message, mask), watermark })
      })
    },
  )
}

function subscribeEvents(chain: ChainState, reads: Reads): Method {
  return stream(G.SubscribeEventsRequest, G.SubscribeEventsResponse, (request, send, signal) => {
    const wanted = eventPredicate(request.filter)
    send({ watermark: watermarkAt(reads.last) })
    return follow(chain, signal, ({ commit, message }) => {
      const watermark = watermarkAt(commit.checkpoint)
      commit.facts.events.forEach((facts, i) => {
        const event = message.events?.events[i]
        if (event && wanted(commit.facts, facts)) send({ event, watermark })
      })
    })
  })
}

/** Without a filter every checkpoint comes, and nothing else. */
function subscribeCheckpoints(chain: ChainState, reads: Reads): Method {
  return stream(
    G.SubscribeCheckpointsRequest,
    G.SubscribeCheckpointsResponse,
    (request, send, signal) => {
      const wanted = transactionPredicate(request.filter)
      const mask = FieldMask.of(request.readMask, defaultMask.checkpoint)
      if (request.filter) send({ cursor: reads.last })
      return follow(chain, signal, ({ commit, message }) => {
        const cursor = commit.checkpoint
        if (!wanted(commit.facts)) return send({ cursor })
        const inner = mask.within('transactions')
        const transactions = mask.has('transactions') ? [maskExecuted(message, inner)] : []
        send({ cursor, checkpoint: { sequenceNumber: cursor, transactions } })
      })
    },
  )
}

function watermarkAt(checkpoint: bigint): G.Watermark {
  return { cursor: Buffer.from(`${checkpoint}.0`), checkpoint }
}

/** Hears of transactions until the caller hangs up. */
function follow(
  chain: ChainState,
  signal: AbortSignal,
  listener: (committed: Committed) => void,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = chain.onCommitted(listener)
    signal.addEventListener('abort', () => {
      end()
      resolve()
    })
  })
}
