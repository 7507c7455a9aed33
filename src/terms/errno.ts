/** The errno numbers of Linux, positive. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
  ESTALE: 116,
} as const

export type ErrnoName = keyof typeof Errno
export type Errno = (typeof Errno)[ErrnoName]

/** An error with an answer for the kernel. Everything above `store` throws only these. */
export class FsError extends Error {
  override readonly name = 'FsError'
  readonly code: ErrnoName
  readonly errno: Errno

  /** `cause` keeps the chain for the log. */
  constructor(code: ErrnoName, message: string = code, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.errno = Errno[code]
  }
}

/** Turns an error of a local system call (staging, journal, cache files) into an {@link FsError}. A used-up quota is a full disk. */
export function fsErrorOf(error: unknown, what: string): FsError {
  if (error instanceof FsError) return error
  const given = (error as NodeJS.ErrnoException | undefined)?.code
  const code = given === 'EDQUOT' ? 'ENOSPC' : given
  const known = code !== undefined && code in Errno
  return new FsError(known ? (code as ErrnoName) : 'EIO', what, { cause: error })
}
