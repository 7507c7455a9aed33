/** What `move/sources/manifest.move` allows. */
export const manifestSchema = 1
export const maxInlineBytes = 48 * 1024
export const maxInlineRecords = 256
export const maxWriters = 64
export const maxNameBytes = 255
export const maxLeaseMs = 60 * 60 * 1000

/** Longest record of one append: a pure argument of 16 KiB, less its length. */
export const maxRecordBytes = 16 * 1024 - 3
