import koffi from 'koffi'

/** What a program is going to do with bytes of a file: the POSIX_FADV_ numbers of linux/fadvise.h. */
export const FileAdvice = { random: 1, willNeed: 3, dontNeed: 4 } as const
export type FileAdvice = (typeof FileAdvice)[keyof typeof FileAdvice]

type Advise = (fd: number, offset: number, length: number, advice: number) => number

/** What posix_fadvise(2) answers where there is none. */
const unknownCall = 38

let advise: Advise | undefined

/**
 * Tells the system (posix_fadvise(2)) of so many bytes of an open file from a position on; 0 bytes are all from there on. Does
 * not wait. False where the system does not take it.
 */
export function adviseFile(
  file: number,
  position: number,
  bytes: number,
  advice: FileAdvice,
): boolean {
  advise ??= load()
  return advise(file, position, bytes, advice) === 0
}

function load(): Advise {
  if (process.platform !== 'linux') return () => unknownCall
  try {
    const declaration = 'int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)'
    return koffi.load(null).func(declaration) as Advise
  } catch {
    return () => unknownCall
  }
}
