import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Trouble, type TroubleCode } from '../terms/trouble.ts'
import type { ChainFault } from './chain-view.ts'
import {
  devnetFileName,
  type DevnetFile,
  type DevnetRequest,
  type DevnetResults,
} from './control-protocol.ts'
import type { DevnetStatus } from './devnet-status.ts'
import type { AlarmTime } from './alarm.ts'
import type { NodeFault, NodeFaultKind } from './nodes/node-fault.ts'

type Reply<T> =
  | { readonly result: T }
  | { readonly error: { readonly code: TroubleCode; readonly message: string } }

/**
 * Talks to a devnet that runs in another process. Throws Trouble: `not-running` when none answers, else what the devnet
 * said; an abort rejects with the signal's reason.
 */
export class DevnetClient {
  readonly #directory: string
  readonly #file: DevnetFile

  private constructor(directory: string, file: DevnetFile) {
    this.#directory = directory
    this.#file = file
  }

  /** Finds the devnet of a directory. */
  static open(directory: string): DevnetClient {
    const path = join(directory, devnetFileName)
    if (!existsSync(path)) throw notRunning(directory)
    try {
      return new DevnetClient(directory, JSON.parse(readFileSync(path, 'utf8')) as DevnetFile)
    } catch (cause) {
      throw new Trouble('not-running', `${path} cannot be read; start the devnet anew`, { cause })
    }
  }

  status(signal: AbortSignal): Promise<DevnetStatus> {
    return this.#ask({ command: 'status' }, signal)
  }

  /** Ends the current Walrus epoch, `count` times; resolves with the new one. With `moving` the shards change hands. */
  async advanceEpoch(count: number, signal: AbortSignal, moving = false): Promise<number> {
    const { epoch } = await this.#ask({ command: 'epoch', count, moving }, signal)
    return epoch
  }

  /** Ends the epoch in the middle of something, once; resolves with the present one. */
  async epochAt(time: AlarmTime, moving: boolean, signal: AbortSignal): Promise<number> {
    const { epoch } = await this.#ask({ command: 'epoch', count: 1, moving, ...time }, signal)
    return epoch
  }

  /** Mints coins: amounts in MIST and FROST. */
  async faucet(
    recipient: string,
    amounts: { readonly sui?: bigint; readonly wal?: bigint },
    signal: AbortSignal,
  ): Promise<void> {
    const sui = amounts.sui === undefined ? {} : { sui: String(amounts.sui) }
    const wal = amounts.wal === undefined ? {} : { wal: String(amounts.wal) }
    await this.#ask({ command: 'faucet', recipient, ...sui, ...wal }, signal)
  }

  /** Sets a fault of a storage node, given by number or name. */
  async fault(node: string, fault: NodeFault, signal: AbortSignal): Promise<void> {
    await this.#ask({ command: 'fault', node, fault }, signal)
  }

  /** Ends faults: of one kind or all, of one storage node or all. */
  async mend(
    what: { readonly node?: string; readonly kind?: NodeFaultKind },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ask({ command: 'mend', ...what }, signal)
  }

  /** Sets a fault of the full node; undefined ends all of them. */
  async suiFault(fault: ChainFault | undefined, signal: AbortSignal): Promise<void> {
    await this.#ask(fault ? { command: 'sui-fault', fault } : { command: 'sui-mend' }, signal)
  }

  /** Resolves when the devnet has ended. */
  async stop(signal: AbortSignal): Promise<void> {
    await this.#ask({ command: 'stop' }, signal)
    while (existsSync(join(this.#directory, devnetFileName)) && isAlive(this.#file.pid)) {
      await sleep(25, undefined, { signal })
    }
  }

  async #ask<R extends DevnetRequest>(
    request: R,
    signal: AbortSignal,
  ): Promise<DevnetResults[R['command']]> {
    const reply = await this.#post<DevnetResults[R['command']]>(request, signal)
    if ('result' in reply) return reply.result
    throw new Trouble(reply.error.code, reply.error.message)
  }

  async #post<T>(request: DevnetRequest, signal: AbortSignal): Promise<Reply<T>> {
    const { url, token } = this.#file
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal,
      })
      if (response.status === 401) throw new Error('another program answers there')
      return (await response.json()) as Reply<T>
    } catch (cause) {
      signal.throwIfAborted()
      throw notRunning(this.#directory, cause)
    }
  }
}

function notRunning(directory: string, cause?: unknown): Trouble {
  return new Trouble(
    'not-running',
    `no devnet runs in ${directory}; start it with: walrusfs devnet start`,
    { cause },
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
