import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { MountError } from '../driver.ts'

/**
 * What this driver uses of the fuse-native package, which has no types. Its class is a template: each request comes as a call of
 * `_op_NAME(signal, …)`, and `signal` is to be called exactly once with a result of the right kind, or the process dies or the caller hangs.
 */
export interface FuseNative {
  mount(done: (error: Error | null) => void): void
  _makeHandlerArray(): Handler[]
  readonly _thread: Buffer | null
}

export type Handler = (locals: Buffer, ...given: unknown[]) => unknown

/** Answers the C side: a result (negative errno, or what the call returns), and values that depend on the call. */
export type Signal = (result: number, ...values: unknown[]) => void

export interface FuseNativeClass {
  new (mountPoint: string, implemented: object, options: { timeout: false }): FuseNative
}

export interface FuseNativePackage {
  readonly Fuse: FuseNativeClass
  /** Lets the event loop end once the mount is gone. */
  readonly releaseLoop: (mountPoint: string, fuse: FuseNative) => void
}

interface Binding {
  fuse_native_unmount(mountPoint: string, thread: Buffer): void
}

/** dlopen(3): stays loaded though Node finds no addon in it. */
const RTLD_NODELETE = 0x1000

let loaded: FuseNativePackage | undefined

/**
 * Loads the package; where the system has no libfuse 2, with the copy that it brings. Throws a {@link MountError} of code `no-libfuse` that says what
 * to install.
 */
export function loadFuseNative(): FuseNativePackage {
  loaded ??= load()
  return loaded
}

function load(): FuseNativePackage {
  const require = createRequire(import.meta.url)
  try {
    const main = require.resolve('fuse-native')
    const Fuse = requireWithLibrary(require, dirname(main))
    const findBinding = createRequire(main)('node-gyp-build') as (dir: string) => Binding
    const binding = findBinding(dirname(main))
    return {
      Fuse,
      releaseLoop(mountPoint, fuse) {
        if (fuse._thread) binding.fuse_native_unmount(mountPoint, fuse._thread)
      },
    }
  } catch (cause) {
    const mend =
      process.platform === 'darwin'
        ? 'install macFUSE'
        : 'install libfuse 2 (Debian: apt install libfuse2, Ubuntu 24.04: libfuse2t64), then npm ci'
    const why = (cause as Error).message.split('\n')[0]
    throw new MountError('no-libfuse', `fuse-native cannot be loaded (${why}); ${mend}`, { cause })
  }
}

function requireWithLibrary(require: NodeJS.Require, dir: string): FuseNativeClass {
  try {
    return require('fuse-native') as FuseNativeClass
  } catch {
    loadBundledLibrary(join(dir, 'prebuilds', `${process.platform}-${process.arch}`, 'libfuse.so'))
    return require('fuse-native') as FuseNativeClass
  }
}

/** It is no addon, so this throws; but the library is loaded then, under the name that the addon looks for. */
function loadBundledLibrary(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE)
  } catch {
    // As expected.
  }
}
