import type { MoveObject } from '../objects/object.ts'
import { ByteReader } from '../move/byte-writer.ts'
import type { G } from '../proto/grpc-types.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import type { Reads } from './reads.ts'

/** A currency that is known without a `CoinMetadata` object. */
export interface Currency {
  readonly type: string
  readonly decimals: number
  readonly name: string
  readonly symbol: string
}

/** What is to be known of a currency. Throws NOT_FOUND. */
export function coinInfo(
  reads: Reads,
  coinType: string,
  currencies: readonly Currency[],
): G.GetCoinInfoResponse {
  const known = currencies.find((currency) => currency.type === coinType)
  if (known) {
    const { decimals, name, symbol } = known
    return { coinType, metadata: { decimals, name, symbol, description: '' } }
  }
  const object = metadataObject(reads, coinType)
  if (!object) throw new RpcFailure(RpcCode.notFound, `Coin type ${coinType} not found`)
  return { coinType, metadata: metadataOf(object) }
}

function metadataObject(reads: Reads, coinType: string): MoveObject | undefined {
  const wanted = `::coin::CoinMetadata<${coinType}>`
  for (const object of reads.objects.all())
    if (object.kind === 'object' && object.type.endsWith(wanted)) return object
  return undefined
}

/** `CoinMetadata { id, decimals: u8, name, symbol, description: String, icon_url: Option<Url> }`. */
function metadataOf(object: MoveObject): G.CoinMetadata {
  const reader = new ByteReader(object.contents)
  const id = reader.address()
  const decimals = reader.byte()
  const [name, symbol, description] = [reader.text(), reader.text(), reader.text()]
  const metadata = { id, decimals, name, symbol, description }
  return reader.count() > 0 ? { ...metadata, iconUrl: reader.text() } : metadata
}
