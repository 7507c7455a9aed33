/** How a piece's bytes were made smaller. The number is its code in the stored form. */
export const Compression = { none: 0, zstd: 1 } as const
export type Compression = (typeof Compression)[keyof typeof Compression]

/** How a piece's (compressed) bytes were sealed. The number is its code in the stored form. */
export const Seal = { none: 0, aes256gcm: 1, xaes256gcm: 2 } as const
export type Seal = (typeof Seal)[keyof typeof Seal]
