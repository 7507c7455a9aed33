/**
 * WebAssembly memories never shrink, and a shared one is only freed when every thread has collected it. Where
 * madvise(2) can be called, the pages themselves are given back, and large ones asked for in the first place:
 * a blob's arena is otherwise a hundred thousand page faults.
 */
export interface PageAdvice {
  /** Asks for large pages, for memory that was not touched yet. */
  large(bytes: Uint8Array): void
  /** Gives the pages back; they are zeros afterwards. Takes some milliseconds per 100 MiB of small pages. */
  release(bytes: Uint8Array): void
}

const dontNeed = 4
const hugePage = 14

/** The system's allocator puts a header of 16 bytes before memory that it maps for one array. */
const mappedArrayToPage = 4096 - 16

type Madvise = (address: Uint8Array, length: number, advice: number) => number

/** The advice of this system, or undefined where there is none. */
export async function openPageAdvice(): Promise<PageAdvice | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const { default: koffi } = await import('koffi')
    const madvise = koffi
      .load(null)
      .func('int madvise(void *address, size_t length, int advice)') as unknown as Madvise
    return {
      large: (bytes) => {
        // The address must be a page's; that it is not is all that can go wrong.
        if (madvise(bytes, bytes.length, hugePage) === 0) return
        const rest = bytes.subarray(mappedArrayToPage)
        madvise(rest, rest.length, hugePage)
      },
      release: (bytes) => void madvise(bytes, bytes.length, dontNeed),
    }
  } catch {
    return undefined
  }
}
