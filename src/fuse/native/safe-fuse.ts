import type { Log } from '../../runtime/log.ts'
import { Errno, FsError } from '../../terms/errno.ts'
import { errnoOf } from '../errno-of.ts'
import type { NativeCalls } from './calls.ts'
import type { FuseNative, FuseNativeClass, Handler, Signal } from './fuse-native.ts'
import { statFsWords, statWords } from './stat-words.ts'

/** An unanswered request cannot even be killed: after this it is ETIMEDOUT. fsync and close may have much to wait for. */
const deadlineMs = 120_000
const longDeadlineMs = 1_800_000
const twoTo32 = 4294967296
/** Number of utimens among fuse-native's operations, and where its per-thread struct keeps the mtime (linux-x64). */
const utimensOperation = 12
const mtimeOffset = 112

const join64 = (low: number, high: number): number => low + high * twoTo32
const signed64 = (low: number, high: number): number => low + (high | 0) * twoTo32

/** Answers one request: what the C side is signalled when it failed depends on the call. */
type Answer = (
  signal: Signal,
  failed: readonly unknown[],
  work: () => Promise<Outcome>,
  ms?: number,
) => void
type Outcome = readonly [result: number, ...values: unknown[]]

/** Notices of the start: both are needed to know that the lost mtime can be had back. */
export interface Probe {
  /** Called with what utimens of the root is told, until it returns false. */
  (atimeMs: number, mtimeMs: number): boolean
}

export interface SafeFuseOptions {
  readonly options: string
  readonly calls: NativeCalls
  readonly probe: Probe
  readonly log: Log
}

/**
 * fuse-native with every handler replaced: each request is answered exactly once, with a result of the right kind and within a deadline, and the buffers
 * that libfuse lends are not touched after that. (As it comes, a throw, a second answer or a long attribute ends the process, and its default timeout gives
 * buffers back that are still written to.)
 */
export function makeSafeFuse(
  Fuse: FuseNativeClass,
  mountPoint: string,
  { options, calls, probe, log }: SafeFuseOptions,
): FuseNative {
  const answer = answering(calls, log)
  class SafeFuse extends Fuse {
    _fuseOptions(): string {
      return `-o${options}`
    }

    /** utimens is handed atime twice; the mtime still lies in the thread's own struct, which is the first argument. */
    override _makeHandlerArray(): Handler[] {
      const handlers = super._makeHandlerArray()
      const utimens = handlers[utimensOperation]
      if (!utimens) return handlers
      handlers[utimensOperation] = (locals, code, path, low, high) => {
        const [mtimeLow, mtimeHigh] = mtimeWords(locals) ?? [low, high]
        return utimens(locals, code, path, low, high, mtimeLow, mtimeHigh)
      }
      return handlers
    }
  }
  Object.assign(SafeFuse.prototype, pathHandlers(calls, answer, probe), fileHandlers(calls, answer))
  return new SafeFuse(mountPoint, implemented, { timeout: false })
}

/** The calls that libfuse is told of. Without `access` the kernel checks permissions alone. */
const implemented: object = Object.fromEntries(
  (
    'init statfs fgetattr getattr flush fsync fsyncdir readdir truncate ftruncate utimens readlink chown chmod mknod setxattr getxattr ' +
    'listxattr removexattr open opendir read write release releasedir create unlink rename link symlink mkdir rmdir'
  )
    .split(' ')
    .map((name) => [name, (done: (result: number) => void) => done(0)]),
)

function mtimeWords(locals: Buffer): readonly [number, number] | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  return [locals.readUInt32LE(mtimeOffset), locals.readUInt32LE(mtimeOffset + 4)]
}

function answering(calls: NativeCalls, log: Log): Answer {
  return (signal, failed, work, ms = deadlineMs) => {
    let isAnswered = false
    const reply = (outcome: Outcome) => {
      if (isAnswered) return
      isAnswered = true
      clearTimeout(timer)
      calls.settle()
      signal(...outcome)
    }
    const timer = setTimeout(() => reply([-Errno.ETIMEDOUT, ...failed]), ms)
    work().then(reply, (error: unknown) => reply([-errnoOf(error, log), ...failed]))
  }
}

const nothing = (work: Promise<void>): Promise<Outcome> => work.then(() => [0])

/** Handlers of requests that name files by path. */
function pathHandlers(calls: NativeCalls, answer: Answer, probe: Probe) {
  let isProbing = true
  return {
    _op_statfs: (signal: Signal, path: string) =>
      answer(signal, [], async () => [0, statFsWords(await calls.statfs(path))]),
    _op_getattr: (signal: Signal, path: string) =>
      answer(signal, [], async () => [0, statWords(await calls.getattr(path))]),
    _op_chmod: (signal: Signal, path: string, mode: number) =>
      answer(signal, [], () => nothing(calls.chmod(path, mode))),
    _op_chown: (signal: Signal, path: string, uid: number, gid: number) =>
      answer(signal, [], () => nothing(calls.chown(path, uid, gid))),
    _op_truncate: (signal: Signal, path: string, low: number, high: number) =>
      answer(signal, [], () => nothing(calls.truncate(path, join64(low, high)))),
    _op_utimens(signal: Signal, path: string, ...words: [number, number, number, number]) {
      const [atimeMs, mtimeMs] = [signed64(words[0], words[1]), signed64(words[2], words[3])]
      if (isProbing && path === '/' && (isProbing = probe(atimeMs, mtimeMs))) return signal(0)
      answer(signal, [], () => nothing(calls.utimens(path, atimeMs, mtimeMs)))
    },
    _op_readlink: (signal: Signal, path: string) =>
      answer(signal, [], async () => [0, await calls.readlink(path)]),
    _op_mknod: (signal: Signal, path: string, mode: number, device: number) =>
      answer(signal, [], () => nothing(calls.mknod(path, mode, device))),
    _op_mkdir: (signal: Signal, path: string, mode: number) =>
      answer(signal, [], () => nothing(calls.mkdir(path, mode))),
    _op_symlink: (signal: Signal, target: string, path: string) =>
      answer(signal, [], () => nothing(calls.symlink(target, path))),
    _op_link: (signal: Signal, from: string, to: string) =>
      answer(signal, [], () => nothing(calls.link(from, to))),
    _op_unlink: (signal: Signal, path: string) =>
      answer(signal, [], () => nothing(calls.unlink(path))),
    _op_rmdir: (signal: Signal, path: string) =>
      answer(signal, [], () => nothing(calls.rmdir(path))),
    _op_rename: (signal: Signal, from: string, to: string) =>
      answer(signal, [], () => nothing(calls.rename(from, to))),
    _op_readdir: (signal: Signal, path: string) =>
      answer(signal, [], async () => [0, await calls.readdir(path), []]),
    _op_setxattr: (
      signal: Signal,
      path: string,
      name: string,
      value: Buffer,
      _position: number,
      flags: number,
    ) =>
      answer(signal, [value.buffer], async () => {
        await calls.setxattr(path, name, value, flags)
        return [0, value.buffer]
      }),
    _op_getxattr: (signal: Signal, path: string, name: string, into: Buffer) =>
      answer(signal, [into.buffer], async () => sized(into, await calls.getxattr(path, name))),
    _op_listxattr: (signal: Signal, path: string, into: Buffer) =>
      answer(signal, [into.buffer], async () => sized(into, await calls.listxattr(path))),
    _op_removexattr: (signal: Signal, path: string, name: string) =>
      answer(signal, [], () => nothing(calls.removexattr(path, name))),
  }
}

/** Handlers of requests about open files. */
function fileHandlers(calls: NativeCalls, answer: Answer) {
  return {
    _op_fgetattr: (signal: Signal, path: string, fd: number) =>
      answer(signal, [], async () => [0, statWords(await calls.fgetattr(path, fd))]),
    _op_ftruncate: (signal: Signal, path: string, fd: number, low: number, high: number) =>
      answer(signal, [], () => nothing(calls.ftruncate(path, fd, join64(low, high)))),
    _op_open: (signal: Signal, path: string, flags: number) =>
      answer(signal, [], async () => [0, await calls.open(path, flags)]),
    _op_create: (signal: Signal, path: string, mode: number) =>
      answer(signal, [], async () => [0, await calls.create(path, mode)]),
    _op_opendir: (signal: Signal, path: string, _fd: number, flags: number) =>
      answer(signal, [], async () => [0, await calls.opendir(path, flags)]),
    _op_releasedir: (signal: Signal, _path: string, fd: number) =>
      answer(signal, [], () => nothing(calls.releasedir(fd))),
    _op_read(
      signal: Signal,
      _path: string,
      fd: number,
      into: Buffer,
      _length: number,
      ...at: [number, number]
    ) {
      let isAnswered = false
      const once: Signal = (...outcome) => {
        isAnswered = true
        signal(...outcome)
      }
      answer(once, [0, into.buffer], async () => {
        const count = await calls.read(fd, into, join64(...at), () => !isAnswered)
        return [count, 0, into.buffer]
      })
    },
    _op_write: (
      signal: Signal,
      _path: string,
      fd: number,
      bytes: Buffer,
      _length: number,
      ...at: [number, number]
    ) =>
      answer(signal, [0, bytes.buffer], async () => {
        const count = await calls.write(fd, bytes, join64(...at))
        return [count, 0, bytes.buffer]
      }),
    _op_flush: (signal: Signal, _path: string, fd: number) =>
      answer(signal, [], () => nothing(calls.flush(fd)), longDeadlineMs),
    _op_release: (signal: Signal, _path: string, fd: number) =>
      answer(signal, [], () => nothing(calls.release(fd)), longDeadlineMs),
    _op_fsync: (signal: Signal, _path: string, dataOnly: number, fd: number) =>
      answer(signal, [], () => nothing(calls.fsync(dataOnly !== 0, fd)), longDeadlineMs),
    _op_fsyncdir: (signal: Signal, _path: string, dataOnly: number, fd: number) =>
      answer(signal, [], () => nothing(calls.fsyncdir(dataOnly !== 0, fd)), longDeadlineMs),
  }
}

/** getxattr(2), listxattr(2): the length, with the bytes if there is room for them. */
function sized(into: Buffer, value: Uint8Array): Outcome {
  if (into.length > 0 && value.length > into.length) throw new FsError('ERANGE')
  if (into.length > 0) into.set(value)
  return [value.length, into.buffer]
}
