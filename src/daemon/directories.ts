import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where walrusfs keeps things on this machine. */
export interface Directories {
  /** config.yaml and keys/. */
  readonly config: string
  /** One directory per drive: journal and staging. Must be kept. */
  readonly state: string
  /** May be deleted at any time. */
  readonly cache: string
  /** The local network. */
  readonly devnet: string
}

/**
 * The directories that the environment asks for: all under `WALRUSFS_HOME` when it is set, else those of the XDG base
 * directory specification; `system` gives those of a system mount.
 */
export function directoriesOf(env: NodeJS.ProcessEnv, system = false): Directories {
  const home = env['WALRUSFS_HOME']
  if (home) return under(resolve(home))
  if (system) {
    return {
      config: '/etc/walrusfs',
      state: '/var/lib/walrusfs',
      cache: '/var/cache/walrusfs',
      devnet: '/var/lib/walrusfs/devnet',
    }
  }
  const state = join(base(env, 'XDG_STATE_HOME', '.local/state'), 'walrusfs')
  return {
    config: join(base(env, 'XDG_CONFIG_HOME', '.config'), 'walrusfs'),
    state: join(state, 'drives'),
    cache: join(base(env, 'XDG_CACHE_HOME', '.cache'), 'walrusfs'),
    devnet: join(state, 'devnet'),
  }
}

function under(home: string): Directories {
  return {
    config: join(home, 'config'),
    state: join(home, 'state'),
    cache: join(home, 'cache'),
    devnet: join(home, 'devnet'),
  }
}

/** The specification says that relative paths are to be ignored. */
function base(env: NodeJS.ProcessEnv, variable: string, fallback: string): string {
  const given = env[variable]
  return given?.startsWith('/') ? given : join(homedir(), fallback)
}
