/** Bytes of buffers that were asked for since `begin`. */
export interface Allocations {
  begin(): void
  readonly bytes: number
}

/**
 * Counts the bytes of buffers that code asks for: what Node's and V8's own code makes is not seen, but that it reached
 * a limit. Stays for as long as the process.
 */
export function watchAllocations(): Allocations {
  const counts = { bytes: 0, begin: () => void (counts.bytes = 0) }
  const count = (bytes: unknown) => {
    if (typeof bytes === 'number' && bytes > 0) counts.bytes += bytes
  }
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const own = Buffer[name] as (size: number, ...rest: unknown[]) => Buffer<ArrayBuffer>
    Buffer[name] = (size: number, ...rest: unknown[]) => {
      count(size)
      return own.call(Buffer, size, ...rest)
    }
  }
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, parameters, newTarget) {
      count(parameters[0])
      return Reflect.construct(target, parameters, newTarget) as object
    },
  })
  return counts
}
