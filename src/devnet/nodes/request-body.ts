import type { IncomingMessage } from 'node:http'
import type { BufferPool } from './buffer-pool.ts'

/** The body is over the limit of its door. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/** The client went away before it had sent everything: nobody waits for an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Bytes of bodies that may be in memory at once; who wants more waits in line. */
export class BodyBudget {
  #free: number
  readonly #total: number
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = []

  constructor(bytes: number) {
    this.#total = bytes
    this.#free = bytes
  }

  /** Resolves when there is room. A body larger than all of it waits until it is alone. */
  async acquire(bytes: number): Promise<void> {
    const share = Math.min(bytes, this.#total)
    if (this.#waiting.length === 0 && this.#free >= share) {
      this.#free -= share
      return
    }
    await new Promise<void>((go) => this.#waiting.push({ bytes: share, go }))
  }

  release(bytes: number): void {
    this.#free += Math.min(bytes, this.#total)
    for (let next = this.#waiting[0]; next && this.#free >= next.bytes; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.bytes
      next.go()
    }
  }
}

export interface BodyOptions {
  /** Bytes. */
  readonly limit: number
  readonly budget: BodyBudget
  /** Where the body's memory comes from and goes back to: `work` must keep nothing of it. */
  readonly pool?: BufferPool | undefined
}

/**
 * Reads a whole body and works with it while its bytes are accounted for. Throws {@link BodyTooLarge} before anything
 * over the limit is kept, {@link ClientGone} when the connection ends early.
 */
export async function withBody<T>(
  request: IncomingMessage,
  { limit, budget, pool }: BodyOptions,
  work: (body: Buffer) => Promise<T>,
): Promise<T> {
  const declared = declaredBytes(request)
  if (declared !== undefined && declared > limit) throw new BodyTooLarge()
  const share = declared ?? limit
  await budget.acquire(share)
  try {
    if (declared === undefined) return await work(await collectChunked(request, limit))
    const body = pool?.take(declared) ?? Buffer.allocUnsafeSlow(declared)
    const result = await work(await collect(request, body))
    // Not after a failure: somebody may still be reading or filling it.
    pool?.give(body)
    return result
  } finally {
    budget.release(share)
  }
}

/** Undefined for a chunked body. The HTTP parser has refused anything but digits. */
function declaredBytes(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined
  return Number(request.headers['content-length'] ?? 0)
}

/** Fills `body`: the HTTP parser sees to it that a request is as long as it says. */
function collect(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    body.set(chunk, bytes)
    bytes += chunk.length
  })
  return ended(request).then(() => body)
}

async function collectChunked(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  const whole = new Promise<never>((_, reject) => {
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= limit) return
      request.off('data', take)
      reject(new BodyTooLarge())
    }
    request.on('data', take)
  })
  await Promise.race([whole, ended(request)])
  return Buffer.concat(chunks)
}

function ended(request: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    request.once('end', resolve)
    request.once('error', (cause) => reject(new ClientGone('', { cause })))
    request.once('close', () => reject(new ClientGone()))
    if (request.destroyed) reject(new ClientGone())
  })
}
