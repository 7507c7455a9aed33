import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DashboardPlace } from '../control/protocol.ts'
import { DashboardServer } from '../dashboard/dashboard-server.ts'
import type { DashboardSource } from '../dashboard/source.ts'
import type { Log } from '../runtime/log.ts'

/** The dashboard of a mount: nothing listens until somebody asks for it. */
export class Dashboard {
  readonly #source: DashboardSource
  readonly #file: string
  readonly #log: Log
  #server: Promise<DashboardServer> | undefined

  constructor(source: DashboardSource, runDirectory: string, log: Log) {
    this.#source = source
    this.#file = join(runDirectory, 'dashboard.html')
    this.#log = log
  }

  /** Serves it from now on; always at the same place. */
  async place(): Promise<DashboardPlace> {
    this.#server ??= DashboardServer.open(this.#source, this.#log)
    const { url } = await this.#server
    rmSync(this.#file, { force: true })
    writeFileSync(this.#file, leadingTo(url), { mode: 0o600, flag: 'wx' })
    return { url, file: this.#file }
  }

  async close(): Promise<void> {
    const server = await this.#server
    await server?.close()
    rmSync(this.#file, { force: true })
  }
}

/** The arguments of a browser can be read by everybody on the machine: it gets the name of this file, which only its owner reads. */
function leadingTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>walrusfs dashboard</title>
<p><a href="${url}">walrusfs dashboard</a></p>
`
}
