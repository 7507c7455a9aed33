import type { BlobId } from '../../terms/blob-id.ts'
import type { NetworkParameters } from '../networks.ts'

/** What a thread is to read by the SDK. */
export interface SdkReading {
  readonly network: NetworkParameters
  readonly blobId: BlobId
  /** BCS, with the id, as a storage node serves it; verified. */
  readonly metadata: Uint8Array
}

export type SdkAnswer = { readonly bytes: Uint8Array } | { readonly error: string }
