import { test } from 'tap'
import { AttributeMaker } from '../../src/foreign/attributes-of.ts'
import type { Name } from '../../src/terms/name.ts'

const name = (text: string): Name => text as Name

test('attributes that the kernel cannot hand on are left out', async (t) => {
  const maker = new AttributeMaker()
  const made = maker.make([
    ['user.a', '1'],
    ['user.a', 'again'],
    [`user.${'n'.repeat(251)}`, 'a long name'],
    ['user.nul\0', 'a name with NUL'],
    ['user.large', 'x'.repeat(65_537)],
    ['user.fits', 'x'.repeat(65_536)],
  ])!
  t.same([...made.keys()], ['user.a', 'user.fits'])
  t.equal(Buffer.from(made.get(name('user.a'))!).toString(), '1')
  t.equal(maker.dropped, 4)
  t.equal(maker.make([]), undefined)
})

test('the names of one file fit into a list of 64 KiB', async (t) => {
  const many = Array.from({ length: 1000 }, (_, i) => [`user.${'n'.repeat(200)}${i}`, ''] as const)
  const made = new AttributeMaker().make(many)!
  const bytes = [...made.keys()].reduce((sum, key) => sum + key.length + 1, 0)
  t.ok(bytes <= 65_536 && bytes > 65_000)
})

test('however many there are, memory is bounded', async (t) => {
  const maker = new AttributeMaker()
  let kept = 0
  for (let i = 0; i < 2000; i++) {
    const made = maker.make([['user.huge', `${i}`.padEnd(65_000)]])
    kept += made ? 65_009 : 0
  }
  t.ok(kept <= 64 << 20)
  t.ok(maker.dropped > 900)
})
