import { utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileSystem } from '../../vfs/file-system.ts'
import { MountError } from '../driver.ts'
import type { Driver, Mounted, MountOptions } from '../driver.ts'
import { escapeOption, mountFlagsOf } from '../mount/mount-flags.ts'
import { prepareMountPoint } from '../mount/mount-point.ts'
import { NativeCalls } from './calls.ts'
import { loadFuseNative } from './fuse-native.ts'
import type { FuseNative } from './fuse-native.ts'
import { NativeMount } from './native-mount.ts'
import { makeSafeFuse } from './safe-fuse.ts'
import type { Probe } from './safe-fuse.ts'

/**
 * The kernel is not told of changes that others make, so it may not believe what it knows for long; attributes not at all, since the library
 * shows it each hard link as a file of its own.
 */
const defaultEntryTimeoutSec = 1
const defaultAttributeTimeoutSec = 0
const probeMs = 5000
/** The C side copies options into 1024 bytes. */
const maxOptionBytes = 1000
/** Two times that no clock shows, in seconds. */
const probeTimes = [86_400, 172_800] as const

/** What cannot be had from libfuse 2 through fuse-native 2.2.6, however it is driven. */
const limitations: readonly string[] = [
  'new files belong to the owner of the mount: the library does not say who asks',
  'a time that is set alone (touch -m, touch -a) is lost; times are kept to the millisecond, and those before 1970 show as 1970',
  'names and symbolic links that are not UTF-8 cannot be reached',
  'changes made elsewhere show after a second; bytes of a file that is open, also by another hard link, may stay old',
  'no rename flags, no O_TMPFILE, no fallocate, no SEEK_DATA or SEEK_HOLE, no copies of ranges within the drive',
  'locks hold within this machine only as the kernel keeps them; O_EXCL and O_TRUNC are separate steps',
  'requests of 128 KiB, no write-back cache, no READDIRPLUS: it is slower',
  'replacing a file that is open takes two steps: a crash between them loses the old one before the new one is there',
  'inode numbers are shortened to 32 bits, sizes of the drive are rounded',
  'a call that waits for the network cannot be interrupted; it ends after two minutes',
]

/** libfuse 2 through fuse-native: where /dev/fuse cannot be driven directly. Main thread only. */
export class NativeDriver implements Driver {
  readonly name = 'fuse-native'
  readonly limitations: readonly string[] = limitations

  /** Throws {@link MountError}. */
  async mount(fileSystem: FileSystem, options: MountOptions): Promise<Mounted> {
    const { Fuse, releaseLoop } = loadFuseNative()
    const { nonEmpty } = mountFlagsOf(options)
    const path = await prepareMountPoint(options.mountPoint, nonEmpty)
    const probe = new TimesProbe()
    const fuse = makeSafeFuse(Fuse, path, {
      options: optionsOf(options),
      calls: new NativeCalls(fileSystem),
      probe: probe.heard,
      log: options.log,
    })
    await start(fuse, path)
    const mounted = new NativeMount(path, () => releaseLoop(path, fuse))
    if (!(await probe.run(path))) options.log.warn('fuse-native loses mtimes on this system')
    return mounted
  }
}

/** Whether the mtime that fuse-native mislays is where it is looked for: sets the root's times once, and hears what arrives. */
class TimesProbe {
  #arrived: readonly [number, number] | undefined
  #isRunning = true

  readonly heard: Probe = (atimeMs, mtimeMs) => {
    if (!this.#isRunning) return false
    this.#arrived = [atimeMs, mtimeMs]
    return true
  }

  async run(path: string): Promise<boolean> {
    const [atime, mtime] = probeTimes
    await Promise.race([
      utimes(path, atime, mtime).catch(() => {}),
      sleep(probeMs, undefined, { ref: false }),
    ])
    this.#isRunning = false
    return this.#arrived?.[0] === atime * 1000 && this.#arrived[1] === mtime * 1000
  }
}

function start(fuse: FuseNative, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  fuse.mount((cause) => {
    if (cause === null) resolve()
    else
      reject(
        new MountError('refused', `fuse-native cannot mount ${path}: ${cause.message}`, { cause }),
      )
  })
  return promise
}

function optionsOf(options: MountOptions): string {
  const { words, source, subtype } = mountFlagsOf(options)
  const entrySec = options.entryTimeoutSec ?? defaultEntryTimeoutSec
  const text = [
    'big_writes',
    'use_ino',
    'auto_cache',
    // Each thread above ten leaks something in fuse-native.
    'max_background=12',
    'max_readahead=131072',
    `entry_timeout=${entrySec}`,
    `negative_timeout=${options.negativeTimeoutSec ?? entrySec}`,
    `attr_timeout=${options.attributeTimeoutSec ?? defaultAttributeTimeoutSec}`,
    `fsname=${escapeOption(source)}`,
    `subtype=${escapeOption(subtype)}`,
    'nonempty',
    ...words,
  ].join(',')
  if (Buffer.byteLength(text) <= maxOptionBytes) return text
  throw new MountError('refused', 'the mount options are too long for fuse-native')
}
