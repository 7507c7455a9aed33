import { join } from 'node:path'
import { tool } from '../e2e/machine.ts'

/** Where a tool keeps what: its archive is on the drive (or on the host, to compare), its caches always on the host. */
export interface Place {
  readonly archive: string
  /** A directory for caches and configuration. */
  readonly home: string
}

/** A backup tool as a person uses it. Every step throws when the tool does not end with 0. */
export interface BackupTool {
  readonly name: string
  readonly program: string
  readonly debian: string
  /** What the tool does not bring back exactly, not even on a local disk: lines as rsync itemizes them. */
  readonly loses?: RegExp
  init(place: Place): void
  /** The first backup is number 0. */
  backup(place: Place, source: string, number: number): void
  /** The tool's own check of its archive; `source` is what it must hold. */
  check(place: Place, source: string): void
  /** Brings the newest backup back. The archive may be on a read-only mount. */
  restore(place: Place, target: string): void
}

function restic({ archive, home }: Place, ...args: string[]): string {
  const common = ['--repo', archive, '--cache-dir', join(home, 'restic'), '--password-command']
  return tool('restic', [...common, 'echo secret', ...args])
}

function borg({ archive, home }: Place, args: string[], cwd = home): string {
  const env = {
    ...process.env,
    BORG_BASE_DIR: join(home, 'borg'),
    BORG_REPO: archive,
    BORG_PASSPHRASE: 'secret',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  }
  return tool('borg', args, { cwd, env })
}

function rsync(from: string, to: string): string {
  return tool('rsync', ['-aHAX', '--delete', '--modify-window=-1', `${from}/`, `${to}/`])
}

function rclone(...args: string[]): string {
  return tool('rclone', ['--config', '', '--links', ...args])
}

function duplicity({ home }: Place, ...args: string[]): string {
  const cache = ['--archive-dir', join(home, 'duplicity'), '--allow-source-mismatch']
  return tool('duplicity', [...args, '--no-encryption', ...cache])
}

const tarFlags = ['--acls', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--sparse']

export const backupTools: readonly BackupTool[] = [
  {
    name: 'restic',
    program: 'restic',
    debian: 'restic',
    init: (place) => restic(place, 'init'),
    backup: (place, source) => restic(place, 'backup', '--quiet', source),
    check: (place) => {
      restic(place, 'check', '--read-data')
      restic(place, 'forget', '--keep-last', '1', '--prune')
      restic(place, 'check', '--read-data')
    },
    restore: (place, target) => {
      const whole = join(place.home, 'restic-whole')
      restic(place, '--no-lock', 'restore', 'latest', '--target', whole)
      const source = JSON.parse(restic(place, '--no-lock', 'snapshots', '--json'))[0].paths[0]
      rsync(join(whole, source), target)
    },
  },
  {
    name: 'borg',
    program: 'borg',
    debian: 'borgbackup',
    loses: /^\.d\.\.t\.{6} \.\/$/,
    init: (place) => borg(place, ['init', '--encryption', 'repokey-blake2']),
    backup: (place, source, number) =>
      borg(place, ['create', '--sparse', '--compression', 'lz4', `::day-${number}`, '.'], source),
    check: (place) => {
      borg(place, ['check', '--verify-data'])
      borg(place, ['prune', '--keep-last', '1'])
      borg(place, ['compact'])
      borg(place, ['check', '--verify-data'])
    },
    restore: (place, target) =>
      borg(place, ['--bypass-lock', 'extract', '--sparse', '::day-1'], target),
  },
  {
    name: 'rsync -aHAX --delete',
    program: 'rsync',
    debian: 'rsync',
    init: () => undefined,
    backup: ({ archive }, source) => rsync(source, archive),
    check: ({ archive }, source) => {
      const more = tool('rsync', ['-aHAXcin', '--delete', `${source}/`, `${archive}/`])
      if (more) throw new Error(`rsync would do more: ${more}`)
    },
    restore: ({ archive }, target) => rsync(archive, target),
  },
  {
    name: 'tar with xattrs and ACLs, incremental',
    program: 'tar',
    debian: 'tar',
    init: () => undefined,
    backup: ({ archive }, source, number) => {
      const state = `--listed-incremental=${join(archive, 'state')}`
      const file = join(archive, `${number}.tar`)
      tool('tar', ['--create', state, ...tarFlags, '--file', file, '--directory', source, '.'])
    },
    check: ({ archive }) => {
      for (const file of ['0.tar', '1.tar']) tool('tar', ['--list', '-f', join(archive, file)])
    },
    restore: ({ archive }, target) => {
      for (const file of ['0.tar', '1.tar']) {
        const what = ['--extract', '--listed-incremental=/dev/null', '--preserve-permissions']
        tool('tar', [...what, ...tarFlags, '-f', join(archive, file), '--directory', target])
      }
    },
  },
  {
    name: 'rclone',
    program: 'rclone',
    debian: 'rclone',
    // Times of directories and links, attributes and links of what is no regular file, ACLs, setuid.
    loses: /^(\.[dL]|\.f\.{3}p\.{5} |\.f\.{7}a\. |hf|cS)/,
    init: () => undefined,
    backup: ({ archive }, source) => rclone('sync', '--metadata', source, archive),
    check: ({ archive }, source) => rclone('check', '--download', source, archive),
    restore: ({ archive }, target) => rclone('sync', '--metadata', archive, target),
  },
  {
    name: 'duplicity',
    program: 'duplicity',
    debian: 'duplicity',
    // Parts of seconds, ACLs and attributes, hard links.
    loses: /^(\.[fdLS]\.\.[t.]\.{4}[a.][x.] |hf)/,
    init: () => undefined,
    backup: (place, source, number) =>
      duplicity(place, number ? 'incremental' : 'full', source, `file://${place.archive}`),
    check: (place, source) =>
      duplicity(place, 'verify', '--compare-data', `file://${place.archive}`, source),
    restore: (place, target) =>
      duplicity(place, 'restore', '--force', `file://${place.archive}`, target),
  },
]
