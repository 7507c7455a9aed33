import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { errno, libc, Memory } from '../libc.ts'
import { MountError } from '../driver.ts'
import { escapeOption } from './mount-flags.ts'
import type { MountFlags } from './mount-flags.ts'

/** How fusermount3 ended: its exit code, and what it said. */
export interface Outcome {
  readonly code: number
  readonly words: string
}

const program = 'fusermount3'
const AF_UNIX = 1
/** SOCK_STREAM | SOCK_CLOEXEC */
const streamCloseOnExec = 1 | 0o2000000
/** recvmsg(2): the descriptor that comes must not reach our own children. */
const MSG_CMSG_CLOEXEC = 0x40000000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
/** Where struct msghdr, its iovec, one byte of data and the control message lie in one piece of memory. */
const layout = {
  message: 0,
  vector: 56,
  data: 72,
  control: 80,
  controlBytes: 64,
  bytes: 144,
} as const

export const isRoot = (): boolean => process.geteuid?.() === 0

/**
 * Mounts as a plain user: fusermount3, which is set-user-id root, opens /dev/fuse, mounts, and passes the descriptor through a socket
 * (mount.fuse3(8), _FUSE_COMMFD). Returns the descriptor. Throws {@link MountError}.
 */
export async function mountThroughFusermount(path: string, flags: MountFlags): Promise<number> {
  const names = [`fsname=${escapeOption(flags.source)}`, `subtype=${escapeOption(flags.subtype)}`]
  const options = [...names, ...flags.words].join(',')
  const [ours, theirs] = socketPair()
  try {
    const running = runFusermount(['-o', options, '--', path], theirs)
    closeSync(theirs)
    const [fd, outcome] = await Promise.all([receiveDescriptor(ours), running])
    if (fd !== undefined && outcome.code === 0) return fd
    if (fd !== undefined) closeSync(fd)
    throw refusal(path, outcome)
  } finally {
    closeSync(ours)
  }
}

/** Runs it to its end; never through a shell. `socket`: the descriptor that it gets as its number 3. */
export function runFusermount(given: readonly string[], socket?: number): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const stdio = ['ignore', 'ignore', 'pipe', ...(socket === undefined ? [] : [socket])]
  const child = spawn(program, given, {
    stdio: stdio as ('ignore' | 'pipe' | number)[],
    env: { ...process.env, LC_ALL: 'C', ...(socket === undefined ? {} : { _FUSE_COMMFD: '3' }) },
  })
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text))
  child.on('error', (cause) => reject(notInstalled(cause)))
  child.on('close', (code) => resolve({ code: code ?? 1, words: words.trim() }))
  return promise
}

function refusal(path: string, { words }: Outcome): MountError {
  const said = words || 'it did not say why'
  if (/user_allow_other/.test(words)) {
    const mend = 'root allows it by a line "user_allow_other" in /etc/fuse.conf'
    return new MountError('allow-other', `only root may open a mount to other users; ${mend}`)
  }
  if (/\/dev\/fuse/.test(words)) {
    return new MountError('no-dev-fuse', `/dev/fuse cannot be used: ${said}`)
  }
  if (/busy/i.test(words)) return new MountError('busy', `${path} is in use: ${said}`)
  return new MountError('refused', `fusermount3 refused to mount ${path}: ${said}`)
}

function notInstalled(cause: Error): MountError {
  const mend = 'install it (Debian, Ubuntu: apt install fuse3) or mount as root'
  return new MountError('no-fusermount', `${program} cannot be started; ${mend}`, { cause })
}

function socketPair(): readonly [number, number] {
  const pair = new Memory(8)
  if (libc().socketpair(AF_UNIX, streamCloseOnExec, 0, pair.address) < 0) {
    throw new MountError('refused', `no sockets to talk to ${program} (errno ${errno()})`)
  }
  return [pair.bytes.readInt32LE(0), pair.bytes.readInt32LE(4)]
}

/** Waits for the message that carries a descriptor (unix(7), cmsg(3)). Undefined if the other end closes without one. */
async function receiveDescriptor(socket: number): Promise<number | undefined> {
  const memory = new Memory(layout.bytes)
  const { bytes, address } = memory
  putPointer(bytes, layout.message + 16, address + layout.vector, 1)
  putPointer(bytes, layout.vector, address + layout.data, 1)
  putPointer(bytes, layout.message + 32, address + layout.control, layout.controlBytes)
  const { recvmsg } = libc()
  const received = await recvmsg(socket, address + layout.message, MSG_CMSG_CLOEXEC).catch(() => 0)
  const level = bytes.readInt32LE(layout.control + 8)
  const type = bytes.readInt32LE(layout.control + 12)
  if (received < 1 || level !== SOL_SOCKET || type !== SCM_RIGHTS) return undefined
  return bytes.readInt32LE(layout.control + 16)
}

/** A pointer and a size_t after it. */
function putPointer(bytes: Buffer, at: number, address: number, length: number): void {
  bytes.writeBigUInt64LE(BigInt(address), at)
  bytes.writeBigUInt64LE(BigInt(length), at + 8)
}
