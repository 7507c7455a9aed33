import type { FileSystem } from '../../vfs/file-system.ts'
import type { Driver, Mounted, MountOptions } from '../driver.ts'
import { MountError } from '../driver.ts'
import { libc } from '../libc.ts'
import { mountOfDescriptor, raiseReadAhead } from '../mount/connection.ts'
import { inheritedDescriptor, mountDirectly } from '../mount/direct-mount.ts'
import { isRoot, mountThroughFusermount } from '../mount/fusermount.ts'
import { mountFlagsOf } from '../mount/mount-flags.ts'
import { prepareMountPoint } from '../mount/mount-point.ts'
import { KernelMount } from './kernel-mount.ts'
import { describe } from './negotiation.ts'
import type { Negotiated, Wishes } from './negotiation.ts'
import { Session } from './session.ts'
import type { Timeouts } from './structs.ts'
import { writeTime } from './write-time.ts'

/** Bytes of one READ or WRITE: what the kernel allows at most. */
const maxWriteBytes = 1048576
const readAheadBytes = 4194304
/** The kernel is told of every change that it did not make itself, so it may believe what it knows. */
const defaultTimeoutSec = 3600

/** Speaks the FUSE protocol on /dev/fuse by itself: Linux, no library. */
export class KernelDriver implements Driver {
  readonly name = 'kernel'
  readonly limitations: readonly string[] = []
  readonly writeTime = writeTime

  /** Throws {@link MountError}. */
  async mount(fileSystem: FileSystem, options: MountOptions): Promise<Mounted> {
    const opened = await openMount(options)
    const session = new Session(
      opened.fd,
      fileSystem,
      wishesOf(options),
      timeoutsOf(options),
      options.log,
    )
    const mounted = new KernelMount(session, opened.path, options.log)
    const negotiated = await begin(session, mounted)
    const device = mounted.device
    const isRaised = device !== undefined && raiseReadAhead(device, readAheadBytes)
    const { passthrough } = options
    if (passthrough !== undefined) mounted.passthroughRefused = session.passThrough(passthrough)
    const isPassing = passthrough !== undefined && mounted.passthroughRefused === undefined
    mounted.description = descriptionOf(negotiated, isRaised, isPassing)
    return mounted
  }
}

/** An open /dev/fuse that is mounted, and where, if that is known. */
async function openMount(
  options: MountOptions,
): Promise<{ readonly fd: number; readonly path: string | undefined }> {
  const inherited = inheritedDescriptor(options.mountPoint)
  if (inherited !== undefined) {
    // Root mounted it, so only root can unmount it.
    return { fd: inherited, path: isRoot() ? mountOfDescriptor(inherited)?.mountPoint : undefined }
  }
  const flags = mountFlagsOf(options)
  const path = await prepareMountPoint(options.mountPoint, flags.nonEmpty)
  const fd = isRoot() ? mountDirectly(path, flags) : await mountThroughFusermount(path, flags)
  return { fd, path }
}

async function begin(session: Session, mounted: Mounted): Promise<Negotiated> {
  try {
    return await session.negotiated
  } catch (cause) {
    await mounted.unmount(true).catch(() => {})
    session.end()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MountError('refused', `the mount cannot be served: ${why}`, { cause })
  }
}

function wishesOf(options: MountOptions): Wishes {
  return {
    readOnly: options.readOnly,
    writebackCache: options.writebackCache ?? true,
    passthrough: options.passthrough !== undefined,
    maxWriteBytes,
    maxReadAheadBytes: readAheadBytes,
    pageBytes: libc().getpagesize(),
  }
}

function timeoutsOf(options: MountOptions): Timeouts {
  const entrySec = options.entryTimeoutSec ?? defaultTimeoutSec
  return {
    entrySec,
    attributeSec: options.attributeTimeoutSec ?? defaultTimeoutSec,
    negativeSec: options.negativeTimeoutSec ?? entrySec,
  }
}

function descriptionOf(
  negotiated: Negotiated,
  isReadAheadRaised: boolean,
  isPassing: boolean,
): string {
  const readAhead = isReadAheadRaised ? `, read-ahead ${readAheadBytes / 1048576} MiB` : ''
  return `${describe(negotiated)}${readAhead}${isPassing ? ', passthrough' : ''}`
}
