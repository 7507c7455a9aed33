import type { DriverName } from '../fuse/choose-driver.ts'
import type { DriveRequest } from './open-drive.ts'

/** A drive and where to mount it. */
export interface MountRequest extends DriveRequest {
  /** Absolute, or `/dev/fd/N`. */
  readonly mountPoint: string
  readonly driver: DriverName
  readonly allowOther: boolean
  /** Whether reading moves atime. */
  readonly accessTimes: 'none' | 'relatime'
  /** Further options of -o for the kernel or fusermount3. */
  readonly extra: readonly string[]
}
