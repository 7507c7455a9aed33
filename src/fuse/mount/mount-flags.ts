import type { MountOptions } from '../driver.ts'

/** Options for the mount itself, sorted by who understands them. */
export interface MountFlags {
  /** MS_* of mount(2). */
  readonly flags: number
  /** For the kernel's FUSE, beside the descriptor and the owner. */
  readonly data: readonly string[]
  /** The same for fusermount3, by its names. */
  readonly words: readonly string[]
  readonly source: string
  readonly subtype: string
  readonly nonEmpty: boolean
}

/** Name, the bit of mount(2), and whether it sets or clears it. */
const bits: Readonly<Record<string, readonly [bit: number, on: boolean]>> = {
  ro: [1, true],
  rw: [1, false],
  nosuid: [2, true],
  suid: [2, false],
  nodev: [4, true],
  dev: [4, false],
  noexec: [8, true],
  exec: [8, false],
  sync: [16, true],
  async: [16, false],
  dirsync: [128, true],
  nosymfollow: [256, true],
  symfollow: [256, false],
  noatime: [1024, true],
  atime: [1024, false],
  nodiratime: [2048, true],
  diratime: [2048, false],
  relatime: [1 << 21, true],
  norelatime: [1 << 21, false],
  strictatime: [1 << 24, true],
  nostrictatime: [1 << 24, false],
}
const nosuidNodev = 2 | 4

/** Words of fstab that say when and by whom to mount, not how. */
const meantForOthers =
  /^(defaults|auto|noauto|user|nouser|users|owner|group|_netdev|nofail|x-.*|X-.*|comment=.*|nonempty|auto_unmount|)$/

/** Words that {@link MountOptions} has fields for. */
const ours = /^(allow_other|default_permissions|fsname=.*|subtype=.*)$/

/**
 * Sorts the options of a mount. As with libfuse, set-user-id programs and device nodes are off unless asked for (and only root may ask).
 * The kernel always checks permissions by mode: it alone knows all groups and capabilities of a caller.
 */
export function mountFlagsOf(options: MountOptions): MountFlags {
  const words = options.extra.flatMap(splitOptions)
  if (options.readOnly) words.push('ro')
  let flags = nosuidNodev
  const flagWords: string[] = []
  const others: string[] = []
  for (const word of words) {
    const bit = bits[word]
    if (bit) {
      flags = bit[1] ? flags | bit[0] : flags & ~bit[0]
      flagWords.push(word)
    } else if (!meantForOthers.test(word) && !ours.test(word)) others.push(word)
  }
  const allow = options.allowOther || words.includes('allow_other') ? ['allow_other'] : []
  const data = ['default_permissions', ...allow, ...others]
  return {
    flags,
    data,
    words: [...flagWords, ...data],
    source: valueOf(words, 'fsname') ?? options.source,
    subtype: valueOf(words, 'subtype') ?? 'walrusfs',
    nonEmpty: words.includes('nonempty'),
  }
}

/** A comma within a value is written `\,`, and a backslash `\\`. */
export function escapeOption(value: string): string {
  return value.replace(/[\\,]/g, '\\$&')
}

function splitOptions(text: string): string[] {
  return text.match(/(?:\\.|[^,\\])+/g)?.map((word) => word.replace(/\\(.)/g, '$1')) ?? []
}

function valueOf(words: readonly string[], name: string): string | undefined {
  return words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}
