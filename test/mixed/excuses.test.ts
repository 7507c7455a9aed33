import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'tap'
import { Calm } from './calm.ts'
import { Excuses } from './excuses.ts'

test('nothing excuses what fails when all is well, or began after it was well again', async (t) => {
  const excuses = new Excuses()
  t.equal(await excuses.reasonFor('writer', Date.now()), undefined)
  const end = excuses.begin('storm', 0)
  t.ok(excuses.isNow('storm', 'writer'))
  end()
  t.notOk(excuses.isNow('storm', 'writer'))
  t.equal(await excuses.reasonFor('writer', Date.now() + 1), undefined)
})

test('what was under way in a storm is excused when the storm is over, and for a while after it', async (t) => {
  const excuses = new Excuses()
  const beganMs = Date.now()
  const end = excuses.begin('storm', 60_000)
  let isTold = false
  const told = excuses.reasonFor('follower', beganMs).then((kind) => {
    isTold = true
    return kind
  })
  await wait(20)
  t.notOk(isTold, 'not while it lasts')
  end()
  t.equal(await told, 'storm')
  t.equal(await excuses.reasonFor('writer', Date.now()), 'storm', 'it began before the grace ended')
})

test('a kill excuses its own side alone; trouble of the full node excuses who asks for that', async (t) => {
  const excuses = new Excuses()
  excuses.begin('kill', 0, 'writer')()
  const beganMs = Date.now() - 1000
  t.equal(await excuses.reasonFor('writer', beganMs), 'kill')
  t.equal(await excuses.reasonFor('follower', beganMs), undefined)
  excuses.begin('chain', 0)()
  t.equal(await excuses.reasonFor('follower', beganMs), undefined)
  t.equal(await excuses.reasonFor('follower', beganMs, ['storm', 'chain']), 'chain')
})

test('many disturb at once, none while somebody wants calm', async (t) => {
  const calm = new Calm()
  const ends = [await calm.disturb(), await calm.disturb()]
  const order: string[] = []
  const demanded = calm.demand().then((leave) => {
    order.push('calm')
    return leave
  })
  const disturbed = calm.disturb().then((leave) => {
    order.push('disturbed')
    return leave
  })
  await wait(20)
  t.same(order, [], 'two are still at it')
  for (const end of ends) end()
  const leave = await demanded
  await wait(20)
  t.same(order, ['calm'])
  leave()
  const end = await disturbed
  end()
  t.same(order, ['calm', 'disturbed'])
})
