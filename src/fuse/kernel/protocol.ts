/**
 * Numbers of the FUSE kernel protocol, from the kernel's include/uapi/linux/fuse.h (7.45). The flags that this driver does
 * not use are left out.
 */

/** The protocol that this driver knows. */
export const protocol = { major: 7, oldestMinor: 31, newestMinor: 45 } as const

export const Opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  setxattr: 21,
  getxattr: 22,
  listxattr: 23,
  removexattr: 24,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  getlk: 31,
  setlk: 32,
  setlkw: 33,
  access: 34,
  create: 35,
  interrupt: 36,
  bmap: 37,
  destroy: 38,
  ioctl: 39,
  poll: 40,
  notifyReply: 41,
  batchForget: 42,
  fallocate: 43,
  readdirplus: 44,
  rename2: 45,
  lseek: 46,
  copyFileRange: 47,
  syncfs: 50,
  tmpfile: 51,
  statx: 52,
  copyFileRange64: 53,
} as const

/** Lower half of the INIT flags. */
export const InitFlag = {
  asyncRead: 1 << 0,
  posixLocks: 1 << 1,
  atomicTruncate: 1 << 3,
  bigWrites: 1 << 5,
  dontMask: 1 << 6,
  flockLocks: 1 << 10,
  readdirplus: 1 << 13,
  readdirplusAuto: 1 << 14,
  writebackCache: 1 << 16,
  parallelDirectoryOperations: 1 << 18,
  posixAcl: 1 << 20,
  maxPages: 1 << 22,
  cacheSymlinks: 1 << 23,
  explicitInvalidation: 1 << 25,
  handleKillPrivilegesV2: 1 << 28,
  setxattrExtended: 1 << 29,
  extended: 1 << 30,
} as const

/** Upper half of the INIT flags. */
export const InitFlag2 = {
  directIoAllowMmap: 1 << 4,
  passthrough: 1 << 5,
} as const

export const OpenReplyFlag = {
  directIo: 1 << 0,
  keepCache: 1 << 1,
  cacheDirectory: 1 << 3,
  noFlush: 1 << 5,
  passthrough: 1 << 7,
} as const

/** `valid` of SETATTR. */
export const SetattrValid = {
  mode: 1 << 0,
  uid: 1 << 1,
  gid: 1 << 2,
  size: 1 << 3,
  atime: 1 << 4,
  mtime: 1 << 5,
  handle: 1 << 6,
  atimeNow: 1 << 7,
  mtimeNow: 1 << 8,
  ctime: 1 << 10,
  killPrivileges: 1 << 11,
} as const

export const getattrHandle = 1
export const openKillPrivileges = 1
export const writeCached = 1
export const writeKillPrivileges = 4
export const releaseFlockUnlock = 2
export const fsyncDataOnly = 1
export const lockIsFlock = 1
export const setxattrKillSetgid = 1

/** ioctl(2) of the device, the same on x86-64 and arm64: FUSE_DEV_IOC_BACKING_OPEN (fuse_backing_map) and _CLOSE (a number). */
export const DeviceCall = { backingOpen: 0x4010e501, backingClose: 0x4004e502 } as const

export const Notify = { invalidateInode: 2, invalidateEntry: 3 } as const

/** Sizes of the structs, in bytes. */
export const requestHeaderBytes = 40
export const replyHeaderBytes = 16
export const attributesBytes = 88
export const entryBytes = 128
export const directoryEntryHeaderBytes = 24
/** Room that the kernel wants in a read of the device beside the bytes of a WRITE. */
export const requestRoomBytes = 4096
