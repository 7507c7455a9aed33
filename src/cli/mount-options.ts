import type { DriverName } from '../fuse/choose-driver.ts'
import { Trouble } from '../terms/trouble.ts'
import { settingOptions } from './drive-options.ts'

/** What -o may say of the mount itself. */
export interface MountOptionFlags {
  readonly readOnly?: boolean
  readonly allowOther?: boolean
  readonly foreground?: boolean
  readonly system?: boolean
  readonly remount?: boolean
  readonly network?: string
  readonly keyFile?: string
  readonly passphraseFile?: string
  readonly autoRenew?: boolean
  readonly passthrough?: boolean
  readonly exclusive?: boolean
  readonly asStored?: boolean
  readonly offline?: boolean
  readonly accessTimes?: 'none' | 'relatime'
  /** For the kernel or fusermount3. */
  readonly extra: readonly string[]
}

/** Flags of `mount` that -o takes with a value, by their names there. */
const valued: Readonly<Record<string, string>> = {
  cache_size: 'cacheSize',
  memory: 'memory',
  writeback_delay: 'writebackDelay',
  append_delay: 'appendDelay',
  writeback_size: 'writebackSize',
  dirty_limit: 'dirtyLimit',
  durability: 'durability',
  epochs: 'epochs',
  renew_margin: 'renewMargin',
  budget: 'budget',
  month_budget: 'monthBudget',
  warn_cost: 'warnCost',
  renew_check: 'renewCheck',
  keep: 'keep',
  scrub: 'scrub',
  scrub_every: 'scrubEvery',
  lease: 'lease',
  bwlimit: 'bwlimit',
  driver: 'driver',
  codec: 'codec',
  network: 'network',
  profile: 'profile',
  key_file: 'keyFile',
  passphrase_file: 'passphraseFile',
}

/** Those that are one of a few words. */
const words: Readonly<Record<string, readonly string[]>> = {
  durability: settingOptions.durability.choices,
  codec: settingOptions.codec.choices,
  driver: ['auto', 'kernel', 'fuse-native'] satisfies readonly DriverName[],
}

const numbers: ReadonlySet<string> = new Set(['epochs', 'renew_margin'])

const plain: Readonly<Record<string, Partial<MountOptionFlags>>> = {
  ro: { readOnly: true },
  rw: { readOnly: false },
  allow_other: { allowOther: true },
  foreground: { foreground: true },
  auto_renew: { autoRenew: true },
  noauto_renew: { autoRenew: false },
  passthrough: { passthrough: true },
  nopassthrough: { passthrough: false },
  exclusive: { exclusive: true },
  noexclusive: { exclusive: false },
  as_stored: { asStored: true },
  offline: { offline: true },
  system: { system: true },
  remount: { remount: true },
}

/** These go to the kernel, too, which shows them. */
const accessTimes: Readonly<Record<string, MountOptionFlags['accessTimes']>> = {
  relatime: 'relatime',
  strictatime: 'relatime',
  noatime: 'none',
}

/** Options that mount(8) and fstab keep for themselves. */
const ignored =
  /^(defaults|auto|noauto|user|users|nouser|nofail|_netdev|comment=.*|x-.*|drop_privileges|setuid=.*|user_id=.*|group_id=.*|rootmode=.*)$/
const forTheKernel =
  /^(nonempty|nosuid|suid|nodev|dev|noexec|exec|noatime|atime|nodiratime|relatime|strictatime|sync|async|dirsync|default_permissions|max_read=\d+|blkdev|auto_unmount|fsname=.*|subtype=.*)$/

/** What mount(8), its helpers and systemd units say of themselves. */
const inner: ReadonlySet<string> = new Set(['foreground', 'system'])
const forHelp = ['nonempty', 'default_permissions', 'nosuid', 'nodev', 'noexec', 'auto_unmount']

/** What -o knows, for completions and man pages; those with a value end in `=`. */
export const mountOptionNames: readonly string[] = [
  ...Object.keys(plain).filter((name) => !inner.has(name)),
  ...Object.keys(accessTimes),
  ...Object.keys(valued).map((name) => `${name}=`),
  ...forHelp,
]

/** Reads -o: `ro,allow_other,cache_size=20G`. Throws Trouble `usage` for what nobody knows. */
export function parseMountOptions(given: readonly string[]): MountOptionFlags {
  const extra: string[] = []
  const flags: Record<string, unknown> = {}
  for (const option of given.flatMap((text) => text.split(',')).filter((text) => text !== '')) {
    const [name, value] = [option.split('=')[0]!, option.slice(option.indexOf('=') + 1)]
    if (Object.hasOwn(accessTimes, option)) flags['accessTimes'] = accessTimes[option]
    if (Object.hasOwn(plain, option)) Object.assign(flags, plain[option])
    else if (Object.hasOwn(valued, name) && option.includes('=')) {
      checkWord(name, value)
      flags[valued[name]!] = numbers.has(name) ? Number(value) : value
    } else if (forTheKernel.test(option)) extra.push(option)
    else if (!ignored.test(option)) {
      throw new Trouble(
        'usage',
        `the mount option ${JSON.stringify(option)} is not known; nothing was mounted`,
      )
    }
  }
  return { ...flags, extra }
}

function checkWord(name: string, value: string): void {
  const known = Object.hasOwn(words, name) ? words[name]! : [value]
  if (known.includes(value)) return
  throw new Trouble(
    'usage',
    `the mount option ${name}=${value} is to be one of ${known.join(', ')}; nothing was mounted`,
  )
}
