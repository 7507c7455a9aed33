import { O } from './drive.ts'
import { scenario } from './scenario.ts'

scenario('O_APPEND writes behind the end, whatever the offset says', async (t, drive) => {
  const { id, handle } = await drive.create('file', { flags: O.RDWR | O.APPEND })
  await drive.write(id, handle, 0, 'one ')
  await drive.write(id, handle, 0, 'two ')
  await drive.write(id, handle, 1000, 'three')
  t.equal(await drive.read(id, handle), 'one two three')
})

scenario('several handles append one behind the other', async (t, drive) => {
  const { id, handle } = await drive.create('file', { flags: O.WRONLY | O.APPEND })
  const other = await drive.open(id, O.WRONLY | O.APPEND)
  await Promise.all([drive.write(id, handle, 0, 'aaa'), drive.write(id, other, 0, 'bbb')])
  await drive.write(id, handle, 0, 'ccc')
  t.equal(await drive.bytes(id), 'aaabbbccc')
})

scenario('a page written back through such a handle goes where it belongs', async (t, drive) => {
  const { id, handle } = await drive.create('file', { flags: O.RDWR | O.APPEND })
  await drive.write(id, handle, 0, 'a page')
  await drive.write(id, handle, 0, 'A', { cached: true })
  t.equal(await drive.read(id, handle), 'A page')
})

scenario('appends that had to wait still do not overlap', async (t, drive) => {
  const { id, handle } = await drive.create('file', { flags: O.RDWR | O.APPEND })
  const writes = ['one', 'two', 'three'].map((text) => drive.write(id, handle, 0, text))
  await Promise.all(writes)
  t.equal(await drive.read(id, handle), 'onetwothree')
})
