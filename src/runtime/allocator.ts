import { setFlagsFromString } from 'node:v8'
import koffi from 'koffi'

/** Parameters of mallopt(3). */
const M_TRIM_THRESHOLD = -1
const M_MMAP_THRESHOLD = -3
const M_ARENA_MAX = -8

const mappedBytes = 32 << 20
const arenas = 2
const keptBytes = 16 << 20
const returnEveryMs = 60_000
/** When what a start leaves behind is garbage. */
const returnFirstMs = 2000

/**
 * The environment for a daemon. glibc asks for large pages for its heap: megabytes that are touched for the first time
 * cost a page fault for each 2 MiB then, not for each 4 KiB; other C libraries do not look at it. V8 keeps what is new in
 * 16 MB halves: its own 64 MB would take 100 MB more in a daemon that streams, for 40 MB of objects.
 */
export function daemonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES = 'glibc.malloc.hugetlb=1', NODE_OPTIONS = '' } = env
  return {
    ...env,
    GLIBC_TUNABLES,
    NODE_OPTIONS: `--max-semi-space-size=16 ${NODE_OPTIONS}`.trimEnd(),
  }
}

/** V8 collects all when the heap and all buffers have grown by so much since the last time. */
const growingPercent = 20

/**
 * Has V8 count buffers as part of its heap: it otherwise collects everything each 32 MiB of them, and a stream of megabytes
 * spends half of its time on that; a heap with a million names in it would grow to several times that. For a daemon, before
 * it begins.
 */
export function collectLessOften(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit')
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`)
}

/**
 * Has glibc keep large buffers in its heap, where they are used again and lie in large pages, and few arenas: by itself it
 * maps and unmaps them, at a page fault for each 4 KiB, and has an arena for each of a dozen threads. Where there is no
 * mallopt(3) nothing happens.
 */
export function keepLargeBuffers(): void {
  try {
    const mallopt = koffi.load(null).func('int mallopt(int param, int value)') as (
      parameter: number,
      value: number,
    ) => number
    mallopt(M_MMAP_THRESHOLD, mappedBytes)
    mallopt(M_TRIM_THRESHOLD, keptBytes)
    mallopt(M_ARENA_MAX, arenas)
  } catch {
    // Another C library: it has its own ways.
  }
}

/**
 * Has what lies free among buffers in use go back to the system, soon (a start leaves a dozen megabytes) and then every minute: glibc by itself gives back the end of its heap
 * alone, so that a daemon that reads and commits for hours would come to take the most that it ever had in use in each place.
 * Takes some ten milliseconds for 100 MB. Where there is no malloc_trim(3) nothing happens. It does not keep a process alive.
 */
export function returnFreeMemory(everyMs = returnEveryMs): void {
  try {
    const trim = koffi.load(null).func('int malloc_trim(size_t pad)') as (pad: number) => number
    setTimeout(() => trim(0), Math.min(returnFirstMs, everyMs)).unref()
    setInterval(() => trim(0), everyMs).unref()
  } catch {
    // Another C library: it has its own ways.
  }
}
