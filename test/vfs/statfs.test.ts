import { scenario } from './scenario.ts'

scenario('a drive looks large, and fills with what is in it', async (t, drive) => {
  const before = await drive.fs.statfs(drive.top)
  t.match(before, { blockBytes: 4096, blocks: 2 ** 38, maxNameBytes: 255 })
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'x'.repeat(40_960))
  const after = await drive.fs.statfs(drive.top)
  t.equal(before.freeBlocks - after.freeBlocks, 10)
  t.equal(before.freeInodes - after.freeInodes, 1)
})

scenario(
  'a drive with a limit shows it',
  async (t, drive) => {
    t.equal((await drive.fs.statfs(drive.top)).blocks, 256)
  },
  { capacityBytes: 1 << 20 },
)
