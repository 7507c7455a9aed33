import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'tap'
import { HostWorld } from './model/host-world.ts'
import { operations } from './model/operation.ts'
import { carryOut, stepLists } from './model/step.ts'
import type { Step } from './model/step.ts'
import { VfsWorld } from './model/vfs-world.ts'

const umask = 0o022
const lists = stepLists(operations)

/** Runs the operations here and there, and compares what each answers and what is to be seen then. */
async function compare(list: readonly Step[], lazy: boolean): Promise<void> {
  const top = mkdtempSync(join(tmpdir(), 'vfs-host-'))
  const before = process.umask(umask)
  const host = new HostWorld(top)
  try {
    chmodSync(top, 0o755)
    const vfs = new VfsWorld({ lazy, umask, withXattrs: false })
    for (const [index, step] of list.entries()) {
      const what = `${index}: ${JSON.stringify(step)}`
      const [here, there] = await carryOut(step, vfs, host)
      strictEqual(here, there, what)
      deepStrictEqual(await vfs.view(), await host.view(), what)
    }
  } finally {
    host.close()
    process.umask(before)
    rmSync(top, { recursive: true, force: true })
  }
}

const skip = process.getuid?.() === 0 ? false : 'chown on this machine needs root'

for (const lazy of [false, true]) {
  test(
    `random operations, commits, crashes and remounts do what operations do on the disk of this machine${lazy ? ' (loaded first)' : ''}`,
    { skip },
    async () => {
      await fc.assert(
        fc.asyncProperty(lists, (list) => compare(list, lazy)),
        { numRuns: 40 },
      )
    },
  )
}
