import type { Operation } from './operation.ts'

/** One file or directory as a program sees it; inode numbers and times are left out. */
export interface Seen {
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  /** A file's bytes, or a symlink's target. */
  readonly content: string
  readonly xattrs?: Readonly<Record<string, string>>
}

/** Everything that can be seen: by path, and by open file where one is open. */
export interface View {
  readonly paths: Readonly<Record<string, Seen>>
  readonly open: readonly (Seen | undefined)[]
}

/** Something that carries operations out. */
export interface World {
  /** `ok`, or the name of the errno. What makes no sense (a slot that is not open) is `skipped`. */
  run(operation: Operation): Promise<string>
  view(): Promise<View>
}

/** Long runs of one letter are told by their length, so that a difference can be read. */
export function contentOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '.')
  return text.replaceAll(/(.)\1{9,}/g, (run) => `{${run[0]}*${run.length}}`)
}
