import * as fs from 'node:fs'
import { test } from 'tap'
import { handOverDirtyPages } from '../../src/fuse/mount/hand-over.ts'
import { MemoryMount, whyNoMount } from './mounted.ts'

test(
  'dirty pages of open files are handed over on request',
  { skip: whyNoMount() ?? false },
  async (t) => {
    const mounted = await MemoryMount.start(t)
    const fd = fs.openSync(mounted.path('f'), 'w')
    t.teardown(() => fs.closeSync(fd))
    const writes = async () => {
      const { calls } = await mounted.ask<{ calls: Record<string, number> }>('counts')
      return calls['write'] ?? 0
    }
    fs.writeSync(fd, Buffer.alloc(10_000, 'x'))
    t.equal(await writes(), 0, 'the kernel still has them')
    await handOverDirtyPages(mounted.dir)
    t.ok((await writes()) > 0)
    await t.rejects(handOverDirtyPages(mounted.path('missing')), { code: 'ENOENT' })
  },
)
