import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import tap from 'tap'
import { Machine, noMounts, tool } from '../e2e/machine.ts'

/** The devnet of a test file, which has half an hour; undefined where nothing can be mounted. */
export async function nightlyNetwork(): Promise<Machine | undefined> {
  if (noMounts()) return undefined
  const network = await Machine.withDevnet(tap)
  tap.setTimeout(1_800_000)
  return network
}

/** Why a test of these programs cannot run here; false when it can. Keys are programs, values Debian packages. */
export function lacking(programs: Readonly<Record<string, string>>): string | false {
  const absent = Object.entries(programs).filter(
    ([program]) => spawnSync('which', [program]).status !== 0,
  )
  if (absent.length === 0) return noMounts()
  const names = absent.map(([program]) => program).join(', ')
  return `no ${names}: apt install ${absent.map(([, debian]) => debian).join(' ')}`
}

/**
 * The differences between two trees in names, types, bytes, modes, owners, times (to the nanosecond), hard links, ACLs and
 * attributes, as rsync itemizes them; none when they are the same. Lines that match `lost` are left out.
 */
export function differences(a: string, b: string, lost = /^$/): string[] {
  const flags = ['-aHAXn', '--checksum', '--delete', '--itemize-changes', '--modify-window=-1']
  const lines = tool('rsync', [...flags, `${a}/`, `${b}/`]).split('\n')
  return lines.filter((line) => line !== '' && !lost.test(line))
}

/** What a day does to a tree that makeOddTree made: files change, come, go, move and get other modes, ACLs and links. */
export function passDay(root: string): void {
  writeFileSync(join(root, 'dir1/sub1/file-1.dat'), 'all new')
  writeFileSync(join(root, 'holes'), 'appended', { flag: 'a' })
  for (let i = 0; i < 30; i++) writeFileSync(join(root, 'empty', `new-${i}`), `${i}`.repeat(i * 97))
  rmSync(join(root, 'dir2'), { recursive: true })
  rmSync(join(root, 'links/two'))
  linkSync(join(root, 'links/one'), join(root, 'dir3/four'))
  rmSync(join(root, 'links/soft'))
  symlinkSync('two', join(root, 'links/soft'))
  renameSync(join(root, 'dir4'), join(root, 'dir4 elsewhere'))
  utimesSync(join(root, 'odd names/日本語'), 5, 7)
  renameSync(join(root, 'odd names/日本語'), join(root, 'odd names/ünïcödé'))
  chmodSync(join(root, 'odd names/ '), 0o640)
  tool('setfacl', ['-m', 'u:23456:r', join(root, 'odd names/-rf')])
  tool('setfattr', ['-n', 'user.weight', '-v', 'x'.repeat(3000), join(root, 'dir3')])
}

/** Names below a directory in an order of their own. */
export function listing(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
}

/** Measures the same work on the host's disk and on a mount, and says what it found: nothing is asserted about time. */
export class Stopwatch {
  readonly #name: string
  #began = performance.now()
  #apart = 0
  readonly #laps = new Map<string, number>()

  constructor(name: string) {
    this.#name = name
  }

  start(): void {
    this.#began = performance.now()
    this.#apart = 0
  }

  /** Does what is not to be measured, as a commit that only the mount has. */
  async apart(work: () => Promise<unknown>): Promise<void> {
    const began = performance.now()
    await work()
    this.#apart += performance.now() - began
  }

  lap(where: 'host' | 'mount'): void {
    this.#laps.set(where, (performance.now() - this.#began - this.#apart) / 1000)
  }

  toString(): string {
    const { host = NaN, mount = NaN } = Object.fromEntries(this.#laps)
    const ratio = (mount / host).toFixed(2)
    return `${this.#name}: ${mount.toFixed(1)} s on the mount, ${host.toFixed(1)} s on the host's disk, ratio ${ratio}`
  }
}

/** Whether a process of this number runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
