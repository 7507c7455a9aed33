import koffi from 'koffi'

/** POSIX_FADV_WILLNEED of Linux. */
const willNeedAdvice = 3

type Advise = (fd: number, offset: number, length: number, advice: number) => number

let advise: Advise | undefined

/** Asks the system to have bytes of an open file in its pages soon, and does not wait. Where it cannot be asked nothing happens. */
export function willNeed(file: number, position: number, bytes: number): void {
  advise ??= load()
  advise(file, position, bytes, willNeedAdvice)
}

function load(): Advise {
  if (process.platform !== 'linux') return () => 0
  try {
    const declaration = 'int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)'
    return koffi.load(null).func(declaration) as Advise
  } catch {
    return () => 0
  }
}
