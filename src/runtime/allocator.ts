import koffi from 'koffi'

/** Parameters of mallopt(3). */
const M_TRIM_THRESHOLD = -1
const M_MMAP_THRESHOLD = -3
const M_ARENA_MAX = -8

const largeBytes = 128 << 10
const arenas = 2
const keptBytes = 16 << 20

/**
 * Has glibc give large buffers back to the system as soon as they are free. By itself it learns from the first ones to keep
 * them, in an arena for each of a dozen threads, and a process that moves megabytes at a time grows to twice what it
 * uses. Where there is no mallopt(3) nothing happens.
 */
export function giveLargeBuffersBack(): void {
  try {
    const mallopt = koffi.load(null).func('int mallopt(int param, int value)') as (
      parameter: number,
      value: number,
    ) => number
    mallopt(M_MMAP_THRESHOLD, largeBytes)
    mallopt(M_TRIM_THRESHOLD, keptBytes)
    mallopt(M_ARENA_MAX, arenas)
  } catch {
    // Another C library: it has its own ways.
  }
}
