import { readFileSync } from 'node:fs'

/** One mount of this mount namespace, as proc_pid_mountinfo(5) tells it. */
export interface MountEntry {
  readonly mountPoint: string
  /** Major and minor number, `0:42`: names the mount in /sys/class/bdi, and its minor in /sys/fs/fuse/connections. */
  readonly device: string
  /** `fuse.walrusfs`, `ext4` */
  readonly type: string
  readonly source: string
}

/** All mounts, in the order in which they were made; none where the system does not tell them so. */
export function mountTable(): readonly MountEntry[] {
  if (process.platform !== 'linux') return []
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'latin1'))
}

/** The topmost mount at exactly this path. Looks at no file below it. */
export function mountAt(path: string): MountEntry | undefined {
  return mountTable().findLast((entry) => entry.mountPoint === path)
}

/** Parses mountinfo, given as one character per byte. */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, , device, , mountPoint, ...rest] = line.split(' ')
    const [type, source] = rest.slice(rest.indexOf('-') + 1)
    if (!device || !mountPoint || !type || source === undefined) return []
    return [{ mountPoint: unescape(mountPoint), device, type, source: unescape(source) }]
  })
}

/** Space, tab, newline and backslash stand as three octal digits; the rest is UTF-8 as a rule. */
function unescape(field: string): string {
  const bytes = field.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
