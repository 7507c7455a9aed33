import { decodeDecodingSymbols, decodeRecoverySymbols } from '../../redstuff/symbol-bcs.ts'
import type { NodeKey } from './node-key.ts'
import { dataReply, type Reply } from './node-parts.ts'
import type { Route } from './route.ts'

/** The unencoded length in BlobMetadataWithId. */
const lengthAt = 34

/** Turns a true answer into a well-formed lie. Answers of calls that serve nothing stay as they are. */
export function corrupted(route: Route, reply: Reply, key: NodeKey): Reply {
  if (reply.kind === 'data') {
    return route.action === 'confirm' ? falselySigned(reply, key) : reply
  }
  const bytes = Uint8Array.from(reply.bytes)
  if (route.door === 'metadata') {
    flip(bytes, lengthAt)
    flip(bytes, bytes.length - 1)
  } else if (route.action === 'recovery') decodeRecoverySymbols(bytes).forEach(flipSymbol)
  else if (route.action === 'decoding') {
    for (const { symbols } of decodeDecodingSymbols(bytes)) symbols.forEach(flipSymbol)
  } else flip(bytes, bytes.length >> 1) // the middle of a SliverData lies in its symbols
  return { kind: 'bytes', bytes }
}

function flipSymbol({ data }: { readonly data: Uint8Array }): void {
  flip(data, data.length >> 1)
}

function flip(bytes: Uint8Array, at: number): void {
  bytes[at]! ^= 1
}

function falselySigned(reply: Extract<Reply, { kind: 'data' }>, key: NodeKey): Reply {
  const { signed } = reply.data as { signed: { serializedMessage: string } }
  const message = Buffer.from(signed.serializedMessage, 'base64')
  const signature = Buffer.from(key.signFalsely(message)).toString('base64')
  return dataReply({ signed: { ...signed, signature } }, reply.code)
}
