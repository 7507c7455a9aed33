import fc from 'fast-check'
import { test } from 'tap'
import { Drive, root } from './drive.ts'
import { scenario } from './scenario.ts'

const seek = { set: 0, data: 3, hole: 4 }

scenario('data and holes are found to the byte', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 1000, 'bytes')
  await drive.write(id, handle, 5000, 'more')
  await drive.set(id, { size: 9000 })
  const at = async (offset: number, whence: number) => drive.fs.lseek(id, handle, offset, whence)
  t.equal(await at(0, seek.data), 1000)
  t.equal(await at(1003, seek.data), 1003)
  t.equal(await at(1005, seek.data), 5000)
  t.equal(await at(0, seek.hole), 0)
  t.equal(await at(1002, seek.hole), 1005)
  t.equal(await at(5000, seek.hole), 5004)
  await t.rejects(at(5004, seek.data), { code: 'ENXIO' })
  await t.rejects(at(9000, seek.data), { code: 'ENXIO' })
  await t.rejects(at(9000, seek.hole), { code: 'ENXIO' })
  await t.rejects(at(0, seek.set), { code: 'EINVAL' })
})

scenario('every file ends in a hole', async (t, drive) => {
  const { id, handle } = await drive.create('file')
  await drive.write(id, handle, 0, 'bytes')
  t.equal(await drive.fs.lseek(id, handle, 2, seek.hole), 5)
  await drive.set(id, { size: 3 })
  t.equal(await drive.fs.lseek(id, handle, 0, seek.hole), 3)
})

test('between a hole and the next data there is nothing but zeros', async () => {
  const write = fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 60 }))
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 10 }), async (writes) => {
      const drive = new Drive()
      const { id, handle } = await drive.create('file')
      const model = Buffer.alloc(500)
      for (const [offset, length] of writes) {
        await drive.write(id, handle, offset, 'x'.repeat(length))
        model.fill('x', offset, offset + length)
      }
      await drive.fs.fallocate(id, handle, 0, 0, 500, root)
      const data = [...model].map((byte) => byte !== 0)
      for (let at = 0; at < 500; at++) {
        const hole = await drive.fs.lseek(id, handle, at, seek.hole)
        const next = data.indexOf(false, at)
        if (hole !== (next < 0 ? 500 : next)) return false
      }
      return true
    }),
    { numRuns: 30 },
  )
})
