import { createServer } from 'node:net'
import { once } from 'node:events'

/** Below the ports that systems give to outgoing connections, so that they are free again at the next start. */
const lowest = 20_000
const highest = 32_000

/** Loopback ports on which nobody listens now, ascending and side by side; none of `taken`. */
export async function freePorts(count: number, taken: ReadonlySet<number>): Promise<number[]> {
  for (let tries = 0; tries < 200; tries++) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count))
    const ports = Array.from({ length: count }, (_, at) => first + at)
    if (ports.some((port) => taken.has(port))) continue
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return ports
  }
  throw new Error(`no ${count} free ports side by side between ${lowest} and ${highest}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
