import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'

const checkout = resolve(import.meta.dirname, '../..')
export const program = join(checkout, 'src/cli/main.ts')

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line with a home of its own, for what needs no network; `run` takes more variables first. */
export function commandLine(t: Test, configuration?: string) {
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-cli-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const file = join(home, 'config', 'config.yaml')
  if (configuration !== undefined) {
    mkdirSync(join(home, 'config'))
    writeFileSync(file, configuration)
  }
  const cleared = Object.entries(process.env).filter(
    ([name]) => !/^WALRUSFS_|COLOR|^COLUMNS$/.test(name),
  )
  const env = {
    NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/walrusfs'),
    ...Object.fromEntries(cleared),
    WALRUSFS_HOME: home,
  }
  const runIn = (variables: NodeJS.ProcessEnv, ...args: string[]): Said => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      env: { ...env, ...variables },
      encoding: 'utf8',
    })
    return { code: status, stdout, stderr }
  }
  return { home, file, env, runIn, run: (...args: string[]) => runIn({}, ...args) }
}
