import * as fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { eventually, MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false

test('the kernel believes what it knows until it is told otherwise', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  const path = (name: string) => mounted.path(name)
  const calls = async () => (await mounted.ask<{ calls: Record<string, number> }>('counts')).calls

  await t.test('names and bytes are not asked for twice', async (t) => {
    fs.writeFileSync(path('known'), 'bytes')
    const look = () => [
      fs.statSync(path('known')).size,
      fs.readFileSync(path('known'), 'utf8'),
      fs.existsSync(path('none')),
    ]
    t.same(look(), [5, 'bytes', false])
    const before = await calls()
    for (let i = 0; i < 20; i++) t.same(look(), [5, 'bytes', false])
    const after = await calls()
    // A close makes the kernel ask for the attributes once more: with the writeback cache it does not trust its count of blocks.
    for (const call of ['lookup', 'read']) t.equal(after[call], before[call], call)
  })

  await t.test('a changed file shows its new size and bytes', async (t) => {
    await mounted.ask('change', 'known', 'longer than before', true)
    await eventually(async () => (fs.statSync(path('known')).size === 18 ? true : undefined))
    t.equal(fs.readFileSync(path('known'), 'utf8'), 'longer than before')
    await mounted.ask('change', 'known', 'short', true)
    await eventually(async () =>
      fs.readFileSync(path('known'), 'utf8') === 'short' ? true : undefined,
    )
    t.equal(fs.statSync(path('known')).size, 5)
  })

  await t.test('without being told it would not', async (t) => {
    await mounted.ask('change', 'known', 'untold', false)
    t.equal(fs.readFileSync(path('known'), 'utf8'), 'short')
  })

  await t.test('the size of a file that is known is only taken with its name', async (t) => {
    fs.writeFileSync(path('sized'), 'four')
    t.equal(fs.statSync(path('sized')).size, 4)
    await mounted.ask('change', 'sized', 'much longer', 'node only')
    await sleep(200)
    t.equal(fs.statSync(path('sized')).size, 4, 'the writeback cache knows better')
    await mounted.ask('change', 'sized', 'much longer', true)
    await eventually(async () => (fs.statSync(path('sized')).size === 11 ? true : undefined))
    fs.unlinkSync(path('sized'))
  })

  await t.test('a removed name is gone, and a new one is there', async (t) => {
    await mounted.ask('remove', 'known', true)
    await eventually(async () => (fs.existsSync(path('known')) ? undefined : true))
    t.notOk(fs.existsSync(path('new')))
    await mounted.ask('add', 'new', true)
    await eventually(async () => (fs.existsSync(path('new')) ? true : undefined))
    t.same(fs.readdirSync(mounted.dir), ['new'])
  })

  await t.test('telling what the kernel does not know is no error', async (t) => {
    await mounted.ask('add', 'unseen', true)
    await mounted.ask('remove', 'unseen', true)
    t.equal(fs.existsSync(path('unseen')), false)
    t.equal(mounted.log, '')
  })
})

test('a kernel that may believe nothing asks each time', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, {
    mount: { entryTimeoutSec: 0, attributeTimeoutSec: 0, negativeTimeoutSec: 0 },
  })
  t.notOk(fs.existsSync(mounted.path('new')))
  await mounted.ask('add', 'new', false)
  t.ok(fs.existsSync(mounted.path('new')))
  await mounted.ask('remove', 'new', false)
  t.notOk(fs.existsSync(mounted.path('new')))
})
