import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { silentLog } from '../../src/runtime/log.ts'
import { inspectState, mendState } from '../../src/writeback/inspect-state.ts'
import { Desk, type Sitting } from './desk.ts'
import { contents, noise, write } from './files.ts'

function stateOf({ staging }: Sitting): string {
  return dirname(dirname(staging.pathOf(1)))
}

/** What is in a directory, all of it. */
function snapshot(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes('/cache/'))
    .sort()
    .map((path) => `${path} ${readFileSync(path, 'base64')}`)
    .join('\n')
}

test('a sound state directory, with changes and without: looked at, and not changed', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  await write(here, 'a', noise(9000, 1))
  await here.content.sync()
  await here.leave()
  const before = snapshot(directory)
  const found = inspectState(directory)
  t.match(found, { stagedBytes: 9000, missingBytes: 0, strayStaging: [], strayPacks: [] })
  t.match(found.journal, { torn: undefined, unsynced: 0 })
  t.ok(found.changes > 1)
  t.equal(snapshot(directory), before)
  const again = await desk.sit()
  await again.commit()
  await again.leave()
  t.match(inspectState(directory), { changes: 0, stagedBytes: 0, strayStaging: [], strayPacks: [] })
})

test('strays are found and deleted, what the journal names stays', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  const bytes = noise(9000, 2)
  await write(here, 'a', bytes)
  await here.content.sync()
  await here.leave()
  writeFileSync(join(directory, 'staging', '0000000007.staging'), 'left over')
  writeFileSync(join(directory, 'packs', '3-0.pack'), 'a pack')
  const found = inspectState(directory)
  t.match(found, {
    strayStaging: [{ name: '0000000007.staging', bytes: 9 }],
    strayPacks: [{ name: '3-0.pack', bytes: 6 }],
  })
  t.match(await mendState(directory, found, silentLog), { removed: { length: 2 }, left: [] })
  t.match(inspectState(directory), { strayStaging: [], strayPacks: [], stagedBytes: 9000 })
  const again = await desk.sit()
  t.ok((await contents(again)).get('a')?.equals(bytes))
})

test('bytes that staging lost are told', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  await write(here, 'a', noise(9000, 3))
  await here.content.sync()
  const path = here.staging.pathOf(1)
  await here.leave()
  writeFileSync(path, readFileSync(path).subarray(0, 5000))
  t.equal(inspectState(directory).missingBytes, 9000)
})

test('a damaged journal: what no longer is named is left alone, what is cut off is kept', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  await write(here, 'a', noise(9000, 4))
  await here.content.sync()
  const path = join(directory, 'journal', readdirSync(join(directory, 'journal')).at(-1)!)
  await here.leave()
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(120) ^ 1, 120)
  writeFileSync(path, bytes)
  const found = inspectState(directory)
  t.match(found.journal.torn, { damage: true })
  t.match(found.strayStaging, [{ bytes: 9000 }])
  const { removed, left, setAside } = await mendState(directory, found, silentLog)
  t.same(removed, [])
  t.equal(left.length, 1)
  t.ok(setAside.length > 0)
  t.ok(setAside.every((file) => existsSync(file)))
  t.ok(existsSync(here.staging.pathOf(1)), 'the bytes are there')
  t.equal(inspectState(directory).journal.torn, undefined)
})

test('a frame that a killed program left is mended, and nothing is lost', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  const bytes = noise(9000, 5)
  await write(here, 'a', bytes)
  await here.content.sync()
  const path = join(directory, 'journal', readdirSync(join(directory, 'journal')).at(-1)!)
  await here.leave()
  appendFileSync(path, Buffer.from([200, 0, 0, 200 ^ 0x5a, 1, 2]))
  const found = inspectState(directory)
  t.match(found.journal.torn, { damage: false, bytes: 6 })
  t.same((await mendState(directory, found, silentLog)).left, [])
  const again = await desk.sit()
  t.ok((await contents(again)).get('a')?.equals(bytes))
})

test('without a journal nothing is deleted', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const directory = stateOf(here)
  await here.leave()
  for (const name of readdirSync(join(directory, 'journal')))
    writeFileSync(join(directory, 'journal', name), '')
  writeFileSync(join(directory, 'staging', '0000000007.staging'), 'all there is')
  const found = inspectState(directory)
  t.match(await mendState(directory, found, silentLog), { removed: [], left: { length: 1 } })
  t.ok(existsSync(join(directory, 'staging', '0000000007.staging')))
})
