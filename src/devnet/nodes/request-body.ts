import type { IncomingMessage } from 'node:http'

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

/**
 * Reads a whole body and works with it while its bytes are accounted for. Throws {@link BodyTooLarge} before anything
 * over the limit is kept, {@link ClientGone} when the connection ends early.
 */
export async function withBody<T>(
  request: IncomingMessage,
  limit: number,
  budget: BodyBudget,
  work: (body: Buffer) => Promise<T>,
): Promise<T> {
  const declared = declaredBytes(request)
  if (declared !== undefined && declared > limit) throw new BodyTooLarge()
  const share = declared ?? limit
  await budget.acquire(share)
  try {
    return await work(await collect(request, limit, declared))
  } finally {
    budget.release(share)
  }
}

/** Undefined for a chunked body. The HTTP parser has refused anything but digits. */
function declaredBytes(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined
  return Number(request.headers['content-length'] ?? 0)
}

function collect(
  request: IncomingMessage,
  limit: number,
  declared: number | undefined,
): Promise<Buffer> {
  const whole = declared === undefined ? undefined : Buffer.allocUnsafeSlow(declared)
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer) => {
      if (bytes + chunk.length > limit) {
        request.off('data', take)
        reject(new BodyTooLarge())
        return
      }
      if (whole) whole.set(chunk, bytes)
      else chunks.push(chunk)
      bytes += chunk.length
    }
    request.on('data', take)
    request.once('end', () => resolve(whole ?? Buffer.concat(chunks)))
    request.once('error', (cause) => reject(new ClientGone('', { cause })))
    request.once('close', () => reject(new ClientGone()))
    if (request.destroyed) reject(new ClientGone())
  })
}
