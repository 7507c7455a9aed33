import koffi from 'koffi'

/**
 * The system calls that Node has no function for, called through koffi. Pointers are plain numbers (see {@link Memory}).
 * A failed call returns -1 and leaves its number in {@link errno}.
 */
export interface Libc {
  read(fd: number, address: number, length: number): number
  write(fd: number, address: number, length: number): number
  /** fcntl(2) with a number as its argument. */
  fcntl(fd: number, command: number, argument: number): number
  /** ioctl(2) with an address as its argument. */
  ioctl(fd: number, request: number, address: number): number
  dup3(fd: number, onto: number, flags: number): number
  /** `pair`: the address of two int32. */
  socketpair(domain: number, type: number, protocol: number, pair: number): number
  getpagesize(): number
  /** `time`: the address of a struct timespec. */
  clock_gettime(clock: number, time: number): number
  mount(source: string, target: string, type: string, flags: number, data: string): number
  /** These wait for the server of a mount, which may be this very thread: they run in the pool. */
  readonly umount2: InPool<[target: string, flags: number]>
  readonly recvmsg: InPool<[fd: number, message: number, flags: number]>
  readonly syncfs: InPool<[fd: number]>
}

/** Resolves to what the call returned; rejects with a {@link SystemCallError}. */
export type InPool<Given extends unknown[]> = (...given: Given) => Promise<number>

/** A system call that failed in the pool. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly errno: number

  constructor(call: string, number: number) {
    super(`${call} failed with errno ${number}`)
    this.errno = number
  }
}

/** The errno of the last failed call. */
export const errno = (): number => koffi.errno()

/** Bytes at a fixed address. (V8 moves the bytes of small typed arrays that have no ArrayBuffer of their own.) */
export class Memory {
  readonly bytes: Buffer
  /** Addresses of user space fit in 48 bits. */
  readonly address: number

  constructor(length: number) {
    this.bytes = Buffer.from(new ArrayBuffer(length))
    this.address = Number(koffi.address(this.bytes))
  }
}

let loaded: Libc | undefined

/** Loaded at first use, so that this room can be imported on systems that lack some of it. */
export function libc(): Libc {
  loaded ??= load()
  return loaded
}

function load(): Libc {
  const library = koffi.load(null)
  const declare = (declaration: string) => library.func(declaration)
  const inPool = (type: string, name: string, parameters: string): InPool<unknown[]> => {
    const call = declare(`${type} ${name}(${parameters})`)
    return (...given) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      call.async(...given, (error: Error | null, result: number) => {
        if (error) reject(error)
        else if (result < 0) reject(new SystemCallError(name, errno()))
        else resolve(result)
      })
      return promise
    }
  }
  return {
    read: declare('int64_t read(int fd, uintptr_t address, size_t length)'),
    write: declare('int64_t write(int fd, uintptr_t address, size_t length)'),
    fcntl: declare('int fcntl(int fd, int command, long argument)'),
    ioctl: declare('int ioctl(int fd, unsigned long request, uintptr_t address)'),
    dup3: declare('int dup3(int fd, int onto, int flags)'),
    socketpair: declare('int socketpair(int domain, int type, int protocol, uintptr_t pair)'),
    getpagesize: declare('int getpagesize()'),
    clock_gettime: declare('int clock_gettime(int clock, uintptr_t time)'),
    mount: declare(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
    ),
    umount2: inPool('int', 'umount2', 'const char *target, int flags'),
    recvmsg: inPool('int64_t', 'recvmsg', 'int fd, uintptr_t message, int flags'),
    syncfs: inPool('int', 'syncfs', 'int fd'),
  }
}
