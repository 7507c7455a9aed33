/** Flags of open(2) as Linux numbers them on x86-64 and arm64, as far as a file system has to know them. */
export const OpenFlag = {
  accessMode: 0o3,
  readOnly: 0,
  writeOnly: 1,
  readWrite: 2,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  keepAccessTime: 0o1000000,
} as const

/** Whether what is read with these flags counts for atime. */
export function movesAccessTime(flags: number): boolean {
  const reads = (flags & OpenFlag.accessMode) !== OpenFlag.writeOnly
  return reads && (flags & OpenFlag.keepAccessTime) === 0
}

/** Whether these flags allow to write. */
export function opensForWriting(flags: number): boolean {
  return (flags & OpenFlag.accessMode) !== OpenFlag.readOnly
}
