import type { ChainState } from '../chain-state.ts'
import { suiEpochMs } from '../chain-time.ts'
import { referenceGasPrice } from '../execution/gas.ts'
import type { IndexedTransaction } from '../ledger/transaction-index.ts'
import { digestOf } from '../objects/object-bcs.ts'
import { FieldMask, defaultMask } from '../proto/field-mask.ts'
import { G } from '../proto/grpc-types.ts'
import { maskExecuted, protoTimestamp } from '../proto/proto-executed.ts'
import { protoObject } from '../proto/proto-object.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { unary } from './methods.ts'
import type { MethodTable } from './methods.ts'
import { requestedId } from './reads.ts'
import type { Reads } from './reads.ts'

/** The version of Sui's protocol whose rules are followed here. */
const protocolVersion = 138n
const maxBatch = 200

/** `sui.rpc.v2.LedgerService`, without its streams. */
export function ledgerService(chain: ChainState, reads: Reads): MethodTable {
  const service = 'sui.rpc.v2.LedgerService'
  return {
    [`${service}/GetServiceInfo`]: unary(G.GetServiceInfoRequest, G.GetServiceInfoResponse, () =>
      serviceInfo(chain, reads),
    ),
    [`${service}/GetObject`]: unary(G.GetObjectRequest, G.GetObjectResponse, (request) => ({
      object: objectOf(chain, reads, request, objectMask(request)),
    })),
    [`${service}/BatchGetObjects`]: unary(
      G.BatchGetObjectsRequest,
      G.BatchGetObjectsResponse,
      (request) => objectsOf(chain, reads, request),
    ),
    [`${service}/GetTransaction`]: unary(
      G.GetTransactionRequest,
      G.GetTransactionResponse,
      (request) => ({
        transaction: executedOf(chain, reads, request.digest, transactionMask(request)),
      }),
    ),
    [`${service}/BatchGetTransactions`]: unary(
      G.BatchGetTransactionsRequest,
      G.BatchGetTransactionsResponse,
      (request) => transactionsOf(chain, reads, request),
    ),
    [`${service}/GetCheckpoint`]: unary(
      G.GetCheckpointRequest,
      G.GetCheckpointResponse,
      (request) => ({ checkpoint: checkpointOf(chain, reads, request) }),
    ),
    [`${service}/GetEpoch`]: unary(G.GetEpochRequest, G.GetEpochResponse, (request) => ({
      epoch: epochOf(chain, request.epoch),
    })),
  }
}

interface Masked {
  readonly readMask?: { paths: string[] }
}

const objectMask = ({ readMask }: Masked) => FieldMask.of(readMask, defaultMask.object)
const transactionMask = ({ readMask }: Masked) => FieldMask.of(readMask, defaultMask.transaction)

function objectOf(
  chain: ChainState,
  reads: Reads,
  { objectId, version }: G.GetObjectRequest,
  mask: FieldMask,
): G.Object {
  const id = requestedId(objectId, 'object_id')
  const object = version === undefined ? reads.object(id) : reads.version(id, version)
  return protoObject(object, mask, chain.types)
}

function objectsOf(
  chain: ChainState,
  reads: Reads,
  request: G.BatchGetObjectsRequest,
): G.BatchGetObjectsResponse {
  const mask = objectMask(request)
  return {
    objects: batch(request.requests).map((each) => ({
      result: orError('object', () => objectOf(chain, reads, each, mask)),
    })),
  }
}

function executedOf(
  chain: ChainState,
  reads: Reads,
  digest: string | undefined,
  mask: FieldMask,
): G.ExecutedTransaction {
  return maskExecuted(storedTransaction(chain, reads.transaction(digest ?? '')), mask)
}

function transactionsOf(
  chain: ChainState,
  reads: Reads,
  request: G.BatchGetTransactionsRequest,
): G.BatchGetTransactionsResponse {
  const mask = transactionMask(request)
  return {
    transactions: batch(request.digests).map((digest) => ({
      result: orError('transaction', () => executedOf(chain, reads, digest, mask)),
    })),
  }
}

/** The full answer about a transaction, from the log. */
export function storedTransaction(
  chain: ChainState,
  found: IndexedTransaction,
): G.ExecutedTransaction {
  return G.ExecutedTransaction.fromBinary(chain.ledger.executed(found))
}

function batch<T>(requests: readonly T[]): readonly T[] {
  if (requests.length > maxBatch)
    throw new RpcFailure(
      RpcCode.invalidArgument,
      `number of batch requests exceed limit of ${maxBatch}`,
    )
  return requests
}

type Found<K extends string, T> =
  | ({ readonly oneofKind: K } & Readonly<Record<K, T>>)
  | { oneofKind: 'error'; error: { code: number; message: string; details: [] } }

/** One item of a batch: what is not there does not fail the others. */
function orError<K extends string, T>(kind: K, find: () => T): never {
  let found: Found<K, T>
  try {
    found = { oneofKind: kind, [kind]: find() } as Found<K, T>
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error
    const { code, message } = error
    found = { oneofKind: 'error', error: { code, message, details: [] } }
  }
  return found as never
}

function serviceInfo(chain: ChainState, reads: Reads): G.GetServiceInfoResponse {
  return {
    chainId: chain.identity.chainId,
    chain: 'walrusfs-devnet',
    epoch: chain.time.epoch(),
    checkpointHeight: reads.last,
    timestamp: protoTimestamp(reads.timeMs),
    lowestAvailableCheckpoint: chain.ledger.transactions.first,
    lowestAvailableCheckpointObjects: reads.last,
    server: 'walrusfs-devnet/1',
  }
}

function epochOf(chain: ChainState, requested: bigint | undefined): G.Epoch {
  const current = chain.time.epoch()
  const epoch = requested ?? current
  if (epoch > current) throw new RpcFailure(RpcCode.notFound, `Epoch ${epoch} not found`)
  const startMs = chain.time.epochStartMs(epoch)
  const described: G.Epoch = {
    epoch,
    start: protoTimestamp(startMs),
    referenceGasPrice,
    protocolConfig: { protocolVersion, featureFlags: {}, attributes: {}, configs: {} },
    systemState: {
      version: 2n,
      epoch,
      protocolVersion,
      referenceGasPrice,
      epochStartTimestampMs: startMs,
      safeMode: false,
      parameters: { epochDurationMs: suiEpochMs },
      storageFund: {},
      stakeSubsidy: {},
      validatorReportRecords: [],
    },
  }
  if (epoch < current) described.end = protoTimestamp(startMs + suiEpochMs)
  return described
}

function checkpointOf(
  chain: ChainState,
  reads: Reads,
  { checkpointId, readMask }: G.GetCheckpointRequest,
): G.Checkpoint {
  if (checkpointId.oneofKind === 'digest')
    throw new RpcFailure(RpcCode.unimplemented, 'checkpoints are found by number alone')
  const wanted =
    checkpointId.oneofKind === 'sequenceNumber' ? checkpointId.sequenceNumber : reads.last
  const found = wanted <= reads.last ? chain.ledger.transactions.at(wanted) : undefined
  if (!found && wanted !== 0n)
    throw new RpcFailure(RpcCode.notFound, `Checkpoint ${wanted} not found`)
  const mask = FieldMask.of(readMask, defaultMask.checkpoint)
  const digest = found ? checkpointDigest(found) : chain.identity.chainId
  const checkpoint: G.Checkpoint = { sequenceNumber: wanted, digest, transactions: [] }
  if (mask.has('summary')) checkpoint.summary = summaryOf(chain, wanted, digest, found)
  if (mask.has('transactions') && found)
    checkpoint.transactions = [
      maskExecuted(storedTransaction(chain, found), mask.within('transactions')),
    ]
  return checkpoint
}

function summaryOf(
  chain: ChainState,
  sequenceNumber: bigint,
  digest: string,
  found: IndexedTransaction | undefined,
): G.CheckpointSummary {
  return {
    digest,
    epoch: 0n,
    sequenceNumber,
    totalNetworkTransactions: sequenceNumber,
    timestamp: protoTimestamp(found?.timestampMs ?? BigInt(chain.identity.genesisMs)),
    commitments: [],
  }
}

/** Checkpoints here are not signed; their digests only tell them apart. */
function checkpointDigest({ digest, checkpoint }: IndexedTransaction): string {
  return digestOf('CheckpointSummary', Buffer.from(`${checkpoint} ${digest}`))
}
