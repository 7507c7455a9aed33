/** What the official encoder is asked to do. */
export type OfficialOrder =
  | {
      readonly kind: 'encode'
      readonly shards: number
      readonly blob: Uint8Array
      /** Bytes of a primary and of a secondary sliver in BCS. */
      readonly primaryBcsBytes: number
      readonly secondaryBcsBytes: number
    }
  | {
      readonly kind: 'decode'
      readonly shards: number
      readonly blobId: Uint8Array
      readonly length: number
      /** Primary slivers in BCS. */
      readonly slivers: readonly Uint8Array[]
    }

/** Slivers by pair, in BCS. */
export interface OfficialSlivers {
  readonly hashes: Uint8Array
  readonly primary: readonly Uint8Array[]
  readonly secondary: readonly Uint8Array[]
}

export type OfficialAnswer =
  | { readonly kind: 'slivers'; readonly slivers: OfficialSlivers }
  | { readonly kind: 'blob'; readonly blob: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string }
