/**
 * Gives back at once the memory of bytes that nobody needs any more; they are empty afterwards. For megabytes that are made again and
 * again: V8 otherwise collects all its garbage for them, or lets them pile up. Bytes that share their memory with others stay.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === 0 || buffer.byteLength !== byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
