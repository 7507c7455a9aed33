import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Ending } from '../e2e/machine.ts'

/** A way to a server on loopback that can be cut: connections break, and new ones are refused at once. */
export class CuttableLine {
  readonly port: number
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(port: number) {
    this.port = port
  }

  static async to(port: number, test: Pick<Ending, 'teardown'>): Promise<CuttableLine> {
    let line: CuttableLine | undefined
    const server = createServer((near) => line?.join(near, port))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    line = new CuttableLine((server.address() as AddressInfo).port)
    test.teardown(() => {
      line.cut()
      server.close()
    })
    return line
  }

  join(near: Socket, port: number): void {
    if (this.#isCut) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }
}
