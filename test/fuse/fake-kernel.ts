import { closeSync, read, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { Session } from '../../src/fuse/kernel/session.ts'
import { libc, Memory } from '../../src/fuse/libc.ts'
import { silentLog } from '../../src/runtime/log.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { FileSystem } from '../../src/vfs/file-system.ts'

/** A field of a C struct without padding: its type and value. */
export type Field =
  | readonly ['u16' | 'u32' | 'i32', number]
  | readonly ['u64' | 'i64', number | bigint]
  | readonly ['bytes', string | Uint8Array]

/** The bytes of a struct as a little-endian C compiler lays it out. */
export function struct(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(bytesOf))
}

/** A name and the NUL after it. */
export const cString = (text: string): Field => ['bytes', `${text}\0`]

/** What the file system was asked, as `name` and arguments. */
export type Asked = readonly [name: string, ...given: unknown[]]

export interface Answered {
  /** 0 or a negative errno. */
  readonly error: number
  readonly body: Buffer
}

type Answers = { readonly [Name in keyof FileSystem]?: FileSystem[Name] }

/** Any capabilities that the tests do not care about. */
const allFlags = 0xffffffff
const seqPacket = 5
const readAsync = promisify(read)

/**
 * A session whose kernel is the test: requests and replies go through a socket that keeps messages apart, as /dev/fuse does. The file system
 * answers what the test says and remembers what it was asked.
 */
export class FakeKernel {
  readonly session: Session
  readonly asked: Asked[] = []
  readonly #fd: number
  #unique = 2

  private constructor(answers: Answers, log: Log) {
    const pair = new Memory(8)
    if (libc().socketpair(1, seqPacket, 0, pair.address) < 0) throw new Error('socketpair')
    this.#fd = pair.bytes.readInt32LE(4)
    this.session = new Session(
      pair.bytes.readInt32LE(0),
      recording(answers, this.asked),
      {
        readOnly: false,
        writebackCache: false,
        passthrough: true,
        maxWriteBytes: 65536,
        maxReadAheadBytes: 131072,
        pageBytes: 4096,
      },
      { entrySec: 1.5, attributeSec: 2.25, negativeSec: 3 },
      log,
    )
  }

  /** `flags`: what the kernel offers at INIT. */
  static async start(
    t: Test,
    answers: Answers = {},
    { log = silentLog, flags = allFlags }: { log?: Log; flags?: number } = {},
  ): Promise<FakeKernel> {
    const kernel = new FakeKernel(answers, log)
    t.teardown(async () => {
      kernel.session.end()
      await kernel.session.ended
      closeSync(kernel.#fd)
    })
    await kernel.initialize(flags)
    return kernel
  }

  /** Sends INIT and returns the answer. */
  initialize(flags: number): Promise<Answered> {
    const zeros = Array.from({ length: 11 }, (): Field => ['u32', 0])
    const fields: Field[] = [7, 45, 1 << 20, flags, 0xffffffff].map((n): Field => ['u32', n])
    return this.ask(26, 0, struct(...fields, ...zeros))
  }

  /** Sends a request and waits for the reply with its number. */
  async ask(opcode: number, node: number | bigint, body: Uint8Array): Promise<Answered> {
    const unique = this.tell(opcode, node, body)
    const reply = await this.nextMessage()
    if (reply.readBigUInt64LE(8) !== BigInt(unique)) throw new Error('a reply to something else')
    return { error: reply.readInt32LE(4), body: reply.subarray(16) }
  }

  /** Sends a request and does not wait. Returns its unique number. */
  tell(opcode: number, node: number | bigint, body: Uint8Array, pid = process.pid): number {
    const unique = (this.#unique += 2)
    const header = struct(
      ['u32', 40 + body.length],
      ['u32', opcode],
      ['u64', unique],
      ['u64', node],
      ['u32', 1000],
      ['u32', 100],
      ['u32', pid],
      ['u32', 0],
    )
    writeSync(this.#fd, Buffer.concat([header, body]))
    return unique
  }

  /** The next reply or notification, whole. */
  async nextMessage(): Promise<Buffer> {
    const buffer = Buffer.alloc(1 << 17)
    const { bytesRead } = await readAsync(this.#fd, buffer, 0, buffer.length, null)
    const message = buffer.subarray(0, bytesRead)
    if (message.readUInt32LE(0) !== bytesRead) throw new Error('the length in the header is wrong')
    return message
  }
}

function recording(answers: Answers, asked: Asked[]): FileSystem {
  return new Proxy({} as FileSystem, {
    get(_target, name) {
      if (name === 'settle') return answers.settle ?? (() => {})
      return (...given: unknown[]) => {
        asked.push([name as string, ...given.map(copied)])
        const call = answers[name as keyof FileSystem] as
          ((...values: unknown[]) => unknown) | undefined
        return call?.(...given)
      }
    },
  })
}

/** Buffers are lent: what they hold now is remembered. */
function copied(value: unknown): unknown {
  if (value instanceof AbortSignal) return 'signal'
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}

function bytesOf([type, value]: Field): Buffer {
  if (type === 'bytes') return Buffer.from(value)
  const buffer = Buffer.alloc(type === 'u16' ? 2 : type === 'u32' || type === 'i32' ? 4 : 8)
  if (type === 'u16') buffer.writeUInt16LE(value)
  else if (type === 'u32') buffer.writeUInt32LE(value)
  else if (type === 'i32') buffer.writeInt32LE(value)
  else if (type === 'u64') buffer.writeBigUInt64LE(BigInt(value))
  else buffer.writeBigInt64LE(BigInt(value))
  return buffer
}
