/** The longest a file can be: the largest multiple of 4096 that a number holds exactly. */
export const maxFileBytes = 2 ** 53 - 4096
/** Seconds from 1970, to either side, that a time can be. */
export const maxTimeSec = 2 ** 52 - 1
/** Names of one file, as on ext4. */
export const maxLinks = 65_000
/** Bytes of a symlink's target: PATH_MAX without its NUL. */
export const maxTargetBytes = 4095
/** Offsets and lengths that move bytes about in a file are multiples of this. */
export const blockBytes = 4096
/** One copy_file_range moves at most this; the protocol's older answer has 32 bits. */
export const maxCopyBytes = 1 << 30

/** Limits of extended attributes: the kernel's (xattr(7)), and one of the whole for an inode record. */
export const maxXattrValueBytes = 65_536
export const maxXattrListBytes = 65_536
export const maxXattrTotalBytes = 1 << 20

/** What df shows of a drive without a limit of its own. */
export const shownBytes = 2 ** 50
