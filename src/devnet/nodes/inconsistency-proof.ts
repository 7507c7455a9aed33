import { ByteReader, FormatError } from '../../redstuff/byte-reader.ts'
import {
  CodecError,
  type Axis,
  type BlobMetadata,
  type DecodingSymbol,
} from '../../redstuff/codec.ts'
import { emptyNode } from '../../redstuff/merkle.ts'
import { codeParameters, symbolsPerSliver } from '../../redstuff/parameters.ts'
import { verifyRecoverySymbol } from '../../redstuff/recovery-proof.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { invalidProof, metadataMissing, notBcs } from './api-error.ts'
import { dataReply, type NodeParts, type Reply } from './node-parts.ts'
import { invalidBlobMessage } from './signed-message.ts'
import { otherAxis } from './symbols.ts'

interface ProvenSymbol extends DecodingSymbol {
  readonly proof: readonly Uint8Array[]
}

interface InconsistencyProof {
  /** Index of the sliver that cannot be what the metadata say. */
  readonly target: number
  readonly symbols: readonly ProvenSymbol[]
}

/**
 * Checks a proof that a blob's slivers contradict each other (walrus-core, `InconsistencyProof`) and signs that the
 * blob id is invalid. `axis` is that of the sliver which cannot be recovered.
 */
export async function attestInconsistency(
  parts: NodeParts,
  blobId: BlobId,
  axis: Axis,
  body: Uint8Array,
): Promise<Reply> {
  const proof = parseProof(body)
  const known = parts.view.registration(blobId) !== undefined
  const metadata = known ? await parts.files.use(blobId, async (file) => file.metadata) : undefined
  if (!metadata) throw metadataMissing()
  checkSymbols(metadata, axis, proof)
  await checkContradiction(parts, metadata, axis, proof)
  const message = invalidBlobMessage(parts.view.epoch, blobId)
  return dataReply({
    serializedMessage: message.toString('base64'),
    signature: Buffer.from(parts.key.sign(message)).toString('base64'),
  })
}

function parseProof(body: Uint8Array): InconsistencyProof {
  try {
    const reader = new ByteReader(body)
    const target = reader.u16()
    const symbols: ProvenSymbol[] = []
    for (let rest = reader.uleb(); rest > 0; rest--) {
      const index = reader.u16()
      symbols.push({ index, data: reader.bytes(reader.uleb()), proof: readProof(reader) })
    }
    reader.end()
    return { target, symbols }
  } catch (error) {
    throw error instanceof FormatError ? notBcs({ cause: error }) : error
  }
}

function checkSymbols(metadata: BlobMetadata, axis: Axis, proof: InconsistencyProof): void {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  const expected = symbolsPerSliver(parameters, axis)
  const { target, symbols } = proof
  if (symbols.length !== expected) {
    throw invalidProof(
      `the number of recovery symbols is incorrect (expected: ${expected}, actual: ${symbols.length})`,
    )
  }
  const valid = symbols.every(
    ({ index, data, proof: path }) =>
      data.length === parameters.symbolBytes &&
      verifyRecoverySymbol(metadata, otherAxis(axis), index, target, data, path),
  )
  if (!valid) throw invalidProof('some recovery symbols are invalid')
}

/** A MerkleProof: sibling nodes, each empty or 32 bytes. */
function readProof(reader: ByteReader): Uint8Array[] {
  const path: Uint8Array[] = []
  for (let rest = reader.uleb(); rest > 0; rest--) {
    const kind = reader.u8()
    if (kind > 1) throw new FormatError(`a node of kind ${kind}`)
    path.push(kind === 0 ? emptyNode : reader.bytes(32))
  }
  return path
}

/** The symbols are what the crossing slivers' hashes say; the sliver that they give must not be the one hashed. */
async function checkContradiction(
  { codec, signal }: NodeParts,
  metadata: BlobMetadata,
  axis: Axis,
  { target, symbols }: InconsistencyProof,
): Promise<void> {
  try {
    await codec.recover(metadata, { axis, index: target }, symbols, signal)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    if (error.code === 'mismatch') return
    if (error.code !== 'too-few') throw error
    throw invalidProof('no sliver can be decoded from the recovery symbols')
  }
  throw invalidProof('the target sliver is consistent with the metadata')
}
