import type { SuiGrpcClient } from '@mysten/sui/grpc'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { NetworkParameters } from '../networks.ts'
import { SignerQueue } from './signer-queue.ts'
import { openSuiConnection } from './sui-client.ts'
import type { TransactionSigner } from './sui-key.ts'

/** A full node and, if there is a key, the one queue of its transactions. Store and manifest share it. */
export interface SuiAccount {
  readonly network: NetworkParameters
  readonly client: SuiGrpcClient
  /** Undefined without a key: nothing can be changed. */
  readonly queue: SignerQueue | undefined
  close(): Promise<void>
}

export interface SuiAccountOptions {
  readonly network: NetworkParameters
  readonly signer: TransactionSigner | undefined
  readonly log: Log
  readonly clock?: Clock
  /** Longest wait for a full node's answer, milliseconds. @default 20_000 */
  readonly timeoutMs?: number
  /** How long the answer to a transaction is asked for, milliseconds. @default 30_000 */
  readonly lostAnswerMs?: number
}

/** Connects to the network's full node. Nothing is sent yet. */
export function openSuiAccount(options: SuiAccountOptions): SuiAccount {
  const { network, signer, log, clock, timeoutMs, lostAnswerMs } = options
  const { client, close } = openSuiConnection({
    url: network.suiUrl,
    network: network.name,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  const queue =
    signer &&
    new SignerQueue({
      client,
      signer,
      log,
      ...(clock && { clock }),
      ...(lostAnswerMs === undefined ? {} : { lostAnswerMs }),
    })
  return { network, client, queue, close }
}
