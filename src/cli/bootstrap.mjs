/**
 * Brings a checkout to where its commands run: npm packages and the Debian packages that mounting (`start`) or the tests
 * (`test`) need. Plain JavaScript for any Node from 20 on, since nothing else is there yet. Says nothing when nothing
 * is missing.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian and Ubuntu packages by the command that shows that they are there. */
const mountTools = { fusermount3: 'fuse3' }
const testTools = {
  ...mountTools,
  rsync: 'rsync',
  git: 'git',
  sqlite3: 'sqlite3',
  setfattr: 'attr',
  setfacl: 'acl',
  flock: 'util-linux',
}
/** The same for what some tests need and not every machine has: they say why they are skipped. */
const extras = { chromium: 'chromium', rclone: 'rclone', restic: 'restic', borg: 'borgbackup' }

const purpose = process.argv[2] === 'test' ? 'test' : 'start'
installNpmPackages()
installDebianPackages(purpose === 'test' ? testTools : mountTools)
if (purpose === 'test') installIfPossible(extras)

function installNpmPackages() {
  if (installed()) return
  say('installing npm packages (once; about a minute)')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** What npm says it installed is what the lock file asks for, but for packages of other machines. */
function installed() {
  const marker = 'node_modules/.package-lock.json'
  if (!existsSync(marker)) return false
  const there = JSON.parse(readFileSync(marker, 'utf8')).packages
  return Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages).every(
    ([path, wanted]) => path === '' || wanted.optional || there[path]?.version === wanted.version,
  )
}

/** @param {Record<string, string>} tools */
function missingOf(tools) {
  return [...new Set(Object.entries(tools).flatMap(([tool, name]) => (onPath(tool) ? [] : [name])))]
}

/** @param {Record<string, string>} tools */
function installIfPossible(tools) {
  const missing = missingOf(tools)
  if (missing.length === 0) return
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    say(`installing Debian packages: ${missing.join(' ')}`)
    if (apt(['update', '-qq']) && apt(args)) return
  }
  say(`without ${missing.join(' ')} some tests are skipped`)
}

/** @param {string[]} args */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
}

/** @param {Record<string, string>} tools */
function installDebianPackages(tools) {
  const missing = missingOf(tools)
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    say(`these packages are missing; run: sudo ${command}`)
    if (purpose === 'start') process.exit(11)
    return
  }
  say(`installing Debian packages: ${missing.join(' ')}`)
  const quiet = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], quiet)
  run('apt-get', [...command.split(' ').slice(1), '-qq'], quiet)
}

/** @param {string} tool */
function onPath(tool) {
  return `${process.env['PATH']}${delimiter}/usr/sbin${delimiter}/sbin`
    .split(delimiter)
    .some((directory) => {
      try {
        accessSync(join(directory, tool), constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`walrusfs: ${text}\n`)
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  if (status === 0) return
  say(`${command} ${args[0]} failed${error ? `: ${error.message}` : ''}; nothing was started`)
  process.exit(1)
}
