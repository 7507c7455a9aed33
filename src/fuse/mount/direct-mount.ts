import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { MountError } from '../driver.ts'
import { errno, libc } from '../libc.ts'
import type { MountFlags } from './mount-flags.ts'

const { ENODEV, ENOENT, ENXIO, EBUSY, EINVAL } = constants.errno
const directoryType = 0o40000

/** Mounts as root: opens /dev/fuse and calls mount(2). Returns the descriptor. Throws {@link MountError}. */
export function mountDirectly(path: string, flags: MountFlags): number {
  const fd = openDevice()
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const own = [
    `fd=${fd}`,
    `rootmode=${directoryType.toString(8)}`,
    `user_id=${uid}`,
    `group_id=${gid}`,
  ]
  const type = `fuse.${flags.subtype}`
  const data = [...own, ...flags.data].join(',')
  if (libc().mount(flags.source, path, type, flags.flags, data) === 0) return fd
  const number = errno()
  closeSync(fd)
  throw refusal(path, number, flags)
}

/** The descriptor behind `/dev/fd/N`, opened and mounted by mount.fuse3(8). Undefined for any other mount point. */
export function inheritedDescriptor(mountPoint: string): number | undefined {
  const match = /^\/dev\/fd\/(\d+)$/.exec(mountPoint)
  return match ? Number(match[1]) : undefined
}

function openDevice(): number {
  try {
    return openSync('/dev/fuse', 'r+')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const missing = code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO'
    const mend = missing ? 'load the kernel module (modprobe fuse)' : 'chmod 0666 /dev/fuse'
    throw new MountError('no-dev-fuse', `/dev/fuse cannot be opened (${code}); ${mend}`, { cause })
  }
}

function refusal(path: string, number: number, { data }: MountFlags): MountError {
  if (number === ENODEV || number === ENXIO) {
    return new MountError('no-dev-fuse', 'this kernel has no FUSE (modprobe fuse)')
  }
  if (number === EBUSY) return new MountError('busy', `${path} is in use`)
  if (number === ENOENT) return new MountError('not-a-directory', `${path} does not exist`)
  const why =
    number === EINVAL ? `one of the options is unknown: ${data.join(',')}` : `errno ${number}`
  return new MountError('refused', `the kernel refused to mount ${path}: ${why}`)
}
