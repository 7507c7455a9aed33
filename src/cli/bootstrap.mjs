/**
 * Brings a checkout to where its commands run: npm packages, compiled kernels, and (with --mount) the Debian packages
 * that mounting needs. Plain JavaScript for any Node from 20 on, since nothing else is there yet.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

if (!installed()) run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])

function installed() {
  const marker = 'node_modules/.package-lock.json'
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
