import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Machine } from '../../e2e/machine.ts'
import type { Ends } from './ends.ts'

/** Flags of a mount that stores nothing by itself. */
export const patient = [
  '--writeback-delay',
  '10m',
  '--writeback-size',
  '1T',
  '--append-delay',
  'off',
] as const

/** A mounted drive of its own, and the machine that it is mounted on. */
export interface Mounted {
  readonly machine: Machine
  readonly path: string
}

/** What a bench works on. All of it is undone when the bench ends, but the devnet, which all benches of a run share. */
export class Ground {
  readonly ends: Ends
  /** How often everything is measured. */
  readonly rounds: number
  readonly #devnet: () => Promise<Machine>

  constructor(ends: Ends, rounds: number, devnet: () => Promise<Machine>) {
    this.ends = ends
    this.rounds = rounds
    this.#devnet = devnet
  }

  /** An empty directory on the host's disk (TMPDIR). */
  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'walrusfs-bench-'))
    this.ends.teardown(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  /** A machine with an empty drive `demo` on the devnet. */
  async machine(kind: '--public' | '--no-public' = '--public'): Promise<Machine> {
    return (await this.#devnet()).withDrive(this.ends, 'demo', kind)
  }

  /** An empty drive, mounted so that it stores nothing by itself unless flags say otherwise. */
  async drive(...flags: string[]): Promise<Mounted> {
    const machine = await this.machine()
    return { machine, path: await machine.mount('demo', ...patient, ...flags) }
  }

  /** The same of a kind. */
  async driveOf(kind: '--public' | '--no-public'): Promise<Mounted> {
    const machine = await this.machine(kind)
    return { machine, path: await machine.mount('demo', ...patient) }
  }

  /** Another machine with the same drive, without state and cache. */
  other(machine: Machine): Machine {
    return new Machine(this.ends, machine)
  }
}
