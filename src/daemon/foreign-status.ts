import type { DriveStatus, WritebackStatus } from '../control/status.ts'
import { nameToText, type Name } from '../terms/name.ts'
import type { MountFacts } from './drive-status.ts'
import { nodeProblems } from './drive-status.ts'
import type { Foreign } from './open-foreign.ts'
import { version } from './version.ts'

/** So many damaged files are named. */
const namedFiles = 10

const nothingToStore: WritebackStatus = {
  state: 'off',
  dirtyBytes: 0,
  dirty: false,
  oldestDirtyMs: undefined,
  step: undefined,
  done: 0,
  total: 0,
  why: undefined,
  tries: 0,
  nextTryMs: undefined,
  commits: 0,
  appends: 0,
  conflicts: 0,
  uploadedBytes: 0,
}

/** The state of a mount of something that others published. */
export function foreignStatus(foreign: Foreign, mount: MountFacts): DriveStatus {
  const { request, connection, cache, worktree } = foreign
  const nodes = connection.store.health()
  const damaged = damagedFiles(foreign)
  const problems = [...damageProblems(damaged), ...foreign.problems(), ...nodeProblems(nodes)]
  return {
    drive: request.reference.name,
    network: request.network.name,
    manifest: undefined,
    shows: foreign.text(),
    sealed: false,
    offline: false,
    bandwidth: undefined,
    damagedFiles: damaged.length,
    ...mount,
    pid: process.pid,
    version,
    readOnly: true,
    sequence: '0',
    committedMs: undefined,
    usedBytes: worktree.usedBytes,
    usedInodes: worktree.usedInodes,
    writeback: nothingToStore,
    cache: cache.stats,
    memoryBytes: process.memoryUsage.rss(),
    nodes,
    expiry: undefined,
    renewal: undefined,
    budget: undefined,
    estimate: undefined,
    scrub: undefined,
    pins: undefined,
    balances: undefined,
    rollback: undefined,
    lease: undefined,
    fullNode: undefined,
    health: problems.length > 0 ? 'degraded' : 'ok',
    problems,
  }
}

function damagedFiles({ worktree, damages }: Foreign): string[] {
  const found: string[] = []
  for (const [path, { file, source }] of worktree.files) {
    if (damages.has(source) || damages.hasFile(file)) found.push(path)
  }
  return found
}

function damageProblems(paths: readonly string[]): string[] {
  const named = paths.slice(0, namedFiles).map((path) => {
    return `${nameToText(path as Name)} is not what its hash promises: it is not served`
  })
  const more = paths.length - named.length
  return more > 0 ? [...named, `and so are ${more} more`] : named
}
