import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { secretFromText } from '../../src/crypto/secret-text.ts'
import type { SlotSecret } from '../../src/crypto/slot-kinds.ts'
import { SuiKey } from '../../src/store/chain/sui-key.ts'
import { formats, keyOf, readKept } from './kept-drive.ts'

/** Drives as earlier versions left them: what is here is read for ever. Made by make-kept-drive.ts. */
const sealed = ['sealed-1']
const open = ['public-1']

function kept(fixture: string, file: string): string {
  return readFileSync(join(formats, fixture, file), 'utf8').trim()
}

for (const fixture of sealed) {
  const text = (file: string) => secretFromText(kept(fixture, file))!
  const ways: Record<string, SlotSecret> = {
    passphrase: { kind: 'passphrase', passphrase: kept(fixture, 'passphrase') },
    'key file': { kind: 'key-file', secret: text('key-file') },
    'recovery key': { kind: 'recovery', secret: text('recovery-key') },
    wallet: { kind: 'wallet', wallet: SuiKey.fromText(kept(fixture, 'wallet-key')) },
  }

  test(`the drive of ${fixture} opens with each of its slots, and nothing else`, async (t) => {
    const keys = new Set<string>()
    for (const [name, secret] of Object.entries(ways)) {
      const key = await keyOf(fixture, secret)
      t.ok(key, name)
      keys.add(Buffer.from(key!).toString('hex'))
    }
    t.equal(keys.size, 1)
    t.equal(await keyOf(fixture, { kind: 'passphrase', passphrase: 'another' }), undefined)
    t.equal(await keyOf(fixture, { kind: 'recovery', secret: randomBytes(32) }), undefined)
  })

  test(`everything in ${fixture} is read`, async (t) => {
    const key = await keyOf(fixture, ways['key file']!)
    t.same(await readKept(fixture, key), JSON.parse(kept(fixture, 'expected.json')))
    await t.rejects(readKept(fixture, undefined), 'not without a key')
    await t.rejects(readKept(fixture, randomBytes(32)), 'not with another')
  })
}

for (const fixture of open) {
  test(`everything in ${fixture} is read`, async (t) => {
    const found = await readKept(fixture, undefined)
    t.same(found, JSON.parse(kept(fixture, 'expected.json')))
    t.match(found['/inline'], { nlink: 2, xattrs: { 'user.note': /./ } })
    t.ok(found['/sparse']!.data!.bytes < found['/sparse']!.size)
    t.match(found['/directory/symlink'], { target: '../inline' })
    await t.rejects(readKept(fixture, randomBytes(32)), 'a sealed drive has no such pieces')
  })
}
