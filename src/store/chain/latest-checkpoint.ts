import type { SuiGrpcClient } from '@mysten/sui/grpc'

/**
 * When the newest checkpoint that a full node has executed was made, in ms since 1970; undefined where it does not tell.
 * One small request (`sui.rpc.v2.LedgerService/GetServiceInfo`). Throws what the client throws.
 */
export async function latestCheckpointMs(
  client: SuiGrpcClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const call = client.ledgerService.getServiceInfo({}, { abort: signal })
  const { timestamp } = (await call).response
  return timestamp && Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1e6)
}
