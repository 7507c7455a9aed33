import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { SeenManifest } from '../../src/daemon/seen-manifest.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

const [drive, other] = [parseObjectId('0x1'), parseObjectId('0x2')]

test('what was seen is known after a restart', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-seen-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const path = join(home, 'demo', 'seen.json')
  const open = (id = drive, forget = false) => new SeenManifest(path, id, forget, silentLog)
  t.equal(open().sequence, -1n)
  const [one, two] = [open(), open()]
  one.saw(4n)
  t.equal(open().sequence, 4n)
  two.saw(3n)
  t.equal(open().sequence, 4n, 'another process that knows less takes nothing back')
  t.equal(open(other).sequence, -1n, 'another drive of the same name is another drive')

  const forgetful = open(drive, true)
  t.equal(forgetful.sequence, -1n)
  t.equal(open().sequence, 4n, 'nothing is forgotten before something is seen')
  forgetful.saw(2n)
  t.equal(open().sequence, 2n)
  forgetful.saw(3n)
  t.equal(open().sequence, 3n)

  writeFileSync(path, '{"manifest"')
  t.equal(open().sequence, -1n, 'a damaged file says nothing')
})
