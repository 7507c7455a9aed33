import fc from 'fast-check'
import { test } from 'tap'
import { propertyRuns } from '../tree/property-runs.ts'
import { Desk, type Ending } from './desk.ts'
import { noise } from './files.ts'
import { entriesOf, PathModel, type Entry } from './path-model.ts'
import { anySteps, play } from './two-machines.ts'

/** Ends what was begun when a single try of a property is over. */
async function within<T>(work: (ends: Ending) => Promise<T>): Promise<T> {
  const undo: (() => unknown)[] = []
  try {
    return await work({ teardown: (last) => void undo.push(last) })
  } finally {
    for (const last of undo.toReversed()) await last()
  }
}

test('two machines lose nothing: lost answers, takeovers, gc, kills', async (t) => {
  let tries = 0
  const property = fc.asyncProperty(anySteps, async (steps) => {
    await within(async (ends) => {
      const desk = new Desk(ends)
      const machines = await play(desk, steps)
      const made = machines.flatMap(({ model }) => [
        [model.top, 'directory'] as const,
        ...model.entries,
      ])
      const expected = new Map<string, Entry>(
        made.toSorted(([one], [other]) => (one < other ? -1 : 1)),
      )
      const fresh = await desk.elsewhere()
      await fresh.takeOver()
      for (const at of [...machines.map((machine) => machine.at), fresh])
        assertSame(await entriesOf(at), expected)
      tries++
    })
  })
  await fc.assert(property, propertyRuns(10))
  t.ok(tries >= 10, `${tries} stories`)
})

function assertSame(found: Map<string, Entry>, expected: Map<string, Entry>): void {
  const wrong = [...new Set([...found.keys(), ...expected.keys()])].filter((path) => {
    const [one, other] = [found.get(path), expected.get(path)]
    if (one === undefined || other === undefined) return true
    return one === 'directory' || other === 'directory' ? one !== other : !one.equals(other)
  })
  if (wrong.length === 0) return
  const say = (entry?: Entry) =>
    entry === undefined ? 'nothing' : entry === 'directory' ? entry : `${entry.length} bytes`
  throw new Error(
    wrong
      .map((path) => `${path}: ${say(found.get(path))}, not ${say(expected.get(path))}`)
      .join('\n'),
  )
}

test('a directory that a small change emptied stays empty when another machine commits', async (t) => {
  const desk = new Desk(t)
  const home = desk.another()
  const here = await desk.sitAt(home)
  const model = new PathModel('ours')
  await model.makeDirectory(here, 'ours')
  await model.write(here, 'ours/only', noise(100, 1))
  await here.commit()
  await here.leave()
  const again = await desk.sitAt(home)
  await model.remove(again, 'ours/only')
  t.ok(await again.append(), 'the directory was not listed, and its only name is gone')
  const there = await desk.elsewhere()
  await there.takeOver()
  await new PathModel('theirs').write(there, 'theirs', noise(50_000, 2))
  await there.commit()
  await again.takeOver()
  t.same([...(await entriesOf(again)).keys()], ['ours', 'theirs'])
  await model.write(again, 'ours/new', noise(50_000, 3))
  await again.commit()
  const fresh = await desk.elsewhere()
  t.same([...(await entriesOf(fresh)).keys()], ['ours', 'ours/new', 'theirs'])
})
