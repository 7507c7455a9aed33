import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Ending } from './machine.ts'

const program = `
import hashlib, mmap, os, sys
def short(bytes): return hashlib.sha256(bytes).hexdigest()[:16]
fd = os.open(sys.argv[1], os.O_RDONLY)
mapped = mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ)
for line in sys.stdin:
  size = os.fstat(fd).st_size
  print(size, short(os.pread(fd, size + 1, 0)), short(mapped[:]), flush=True)
`

/** What a program sees of a file: its size, and sums of what read and mmap give. */
export interface Seen {
  readonly size: number
  readonly read: string
  readonly mapped: string
}

/** A program that opens and maps a file, and says what it sees in it when it is asked. */
export class HeldOpen {
  readonly #child: ChildProcess
  readonly #lines: Interface

  constructor(test: Ending, path: string) {
    this.#child = spawn('python3', ['-c', program, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout! })
    test.teardown(() => this.#child.kill())
  }

  async look(): Promise<Seen> {
    this.#child.stdin!.write('\n')
    const [line] = (await once(this.#lines, 'line')) as [string]
    const [size, read, mapped] = line.split(' ')
    return { size: Number(size), read: read!, mapped: mapped! }
  }

  /** Ends it, and its hold on the file. */
  async end(): Promise<void> {
    this.#child.stdin!.end()
    await once(this.#child, 'exit')
  }
}
