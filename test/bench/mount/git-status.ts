import { mkdirSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tool } from '../../e2e/machine.ts'
import { hasProgram } from '../against/rival.ts'
import type { Bench } from '../harness/bench.ts'
import { inTurn, seconds } from '../harness/in-turn.ts'

const directories = 200
const filesEach = 100
const measure = 'git status of 20,000 files, warm'

export const gitStatus: Bench = {
  name: 'git-status',
  about: 'git status in a clone',
  run: async (ground) => {
    if (!hasProgram('git', '--version')) {
      const skipped = 'git is not installed (apt-get install git)'
      return [{ measure, against: 'host disk', skipped }]
    }
    const { path } = await ground.drive()
    const host = ground.directory()
    const origin = ground.directory()
    makeRepository(origin)
    const clones = [join(path, 'clone'), join(host, 'clone')] as const
    for (const clone of clones) tool('git', ['clone', '-q', '--no-local', origin, clone])
    // Files as young as the index are compared by their bytes; after this, git knows that they are older.
    await sleep(1100)
    for (const clone of clones) for (let pass = 0; pass < 2; pass++) status(clone)
    const took = (clone: string) => () => seconds(() => status(clone))
    const { ours, theirs } = await inTurn(ground.rounds, {
      ours: took(clones[0]),
      theirs: took(clones[1]),
    })
    const row = { measure, better: 'lower', unit: 's', ours, theirs } as const
    return [{ ...row, against: 'host disk', goal: 1 / 3 }]
  },
}

function status(clone: string): void {
  const changes = tool('git', ['-C', clone, 'status', '--porcelain'])
  if (changes) throw new Error(`git sees changes in ${clone}: ${changes.slice(0, 200)}`)
}

function makeRepository(root: string): void {
  const git = (...args: string[]): string => tool('git', ['-C', root, ...args])
  git('init', '-q')
  for (let directory = 0; directory < directories; directory++) {
    mkdirSync(join(root, `d${directory}`))
    for (let file = 0; file < filesEach; file++) {
      writeFileSync(join(root, `d${directory}`, `f${file}`), randomBytes(512))
    }
  }
  git('add', '.')
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost']
  git(...author, 'commit', '-qm', 'all files')
}
