import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { driveKeysOf, newDriveKey } from '../../src/crypto/drive-keys.ts'
import { encodeSlots, type KeySlot } from '../../src/crypto/key-slots.ts'
import { secretText } from '../../src/crypto/secret-text.ts'
import { makeSlot, type NewSlot } from '../../src/crypto/slot-kinds.ts'
import { Keystore } from '../../src/daemon/keystore.ts'
import { unlockDrive, type KeyOffer } from '../../src/daemon/unlock-drive.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

const { signal } = new AbortController()
const cheap = { logN: 10, r: 8, p: 1 }
const key = newDriveKey()
const { id: keyId } = driveKeysOf(key)
const manifest = parseObjectId('0x1')

interface Place {
  readonly home: string
  readonly keys: Keystore
  file(name: string, text: string | Uint8Array, mode?: number): string
}

function place(t: Test): Place {
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-unlock-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, 'keys'))
  const file: Place['file'] = (name, text, mode = 0o600) => {
    writeFileSync(join(home, name), text, { mode })
    chmodSync(join(home, name), mode)
    return join(home, name)
  }
  return { home, keys: new Keystore(home), file }
}

async function shown(
  ways: readonly NewSlot[],
  drive = key,
): Promise<{ slots: () => Promise<{ revision: bigint; bytes: Uint8Array }> }> {
  const slots: KeySlot[] = []
  for (const way of ways) slots.push(await makeSlot(drive, way, '', 1, cheap))
  const bytes = encodeSlots({ keyId: driveKeysOf(drive).id, slots })
  return { slots: async () => ({ revision: 1n, bytes }) }
}

function opening(
  { keys }: Place,
  chain: Awaited<ReturnType<typeof shown>>,
  offer: KeyOffer = {},
  pinned?: string,
  own: string | undefined = 'own',
) {
  const drive = { name: 'vault', network: 'devnet', manifest, key: own }
  return unlockDrive({ drive, keys, unlock: offer }, chain, pinned, signal)
}

test('a file that is named is the only way; the environment’s may be for another drive', async (t) => {
  const here = place(t)
  const own = here.keys.create('own')
  const recipient = own.publicKey
  const secret = randomBytes(32)
  const chain = await shown([
    { kind: 'passphrase', passphrase: 'right' },
    { kind: 'key-file', secret },
    { kind: 'wallet', sender: own, recipient },
  ])
  const [right, wrong] = [here.file('right', 'right\nmore\n'), here.file('wrong', 'wrong\n')]
  t.same((await opening(here, chain))?.key, key)
  t.equal((await opening(here, chain))?.sender, undefined, 'our own slot')
  for (const offer of [{ passphraseFile: right }, { usualPassphraseFile: wrong }]) {
    t.same((await opening(here, chain, offer))?.key, key)
  }
  for (const text of [secretText(secret), secret]) {
    t.same((await opening(here, chain, { keyFile: here.file('key', text) }))?.key, key)
  }
  await t.rejects(opening(here, chain, { passphraseFile: wrong }), { code: 'wrong-secret' })
  const other = here.file('other', secretText(randomBytes(32)))
  await t.rejects(opening(here, chain, { keyFile: other }), { code: 'wrong-secret' })
  for (const [name, text, mode] of [
    ['short', 'abc', 0o600],
    ['open', secretText(secret), 0o644],
  ] as const) {
    const keyFile = here.file(name, text, mode)
    await t.rejects(opening(here, chain, { keyFile }), { code: 'config' }, name)
  }
  await t.rejects(opening(here, chain, { keyFile: join(here.home, 'none') }), { code: 'config' })
  await t.rejects(opening(here, chain, { passphraseFile: here.file('empty', '\n') }), {
    code: 'config',
  })
})

test('any key that lies here opens a slot that was granted to it, and who granted it is told', async (t) => {
  const here = place(t)
  const [me, owner] = [here.keys.create('me'), place(t).keys.create('owner')]
  here.file('keys/broken', 'no key')
  const chain = await shown([{ kind: 'wallet', sender: owner, recipient: me.publicKey }])
  const opened = await opening(here, chain, {}, undefined, undefined)
  t.same(opened?.key, key)
  t.same(opened?.sender, owner.publicKey)
})

test('a person is asked three times at most, for a passphrase or a recovery key', async (t) => {
  const here = place(t)
  const secret = randomBytes(32)
  const chain = await shown([
    { kind: 'passphrase', passphrase: 'right' },
    { kind: 'recovery', secret },
  ])
  const answering = (...answers: (string | undefined)[]) => {
    const asked: string[] = []
    const ask = async (question: string) => (asked.push(question), answers.shift())
    return { asked, ask }
  }
  t.same((await opening(here, chain, answering('wrong', 'right')))?.key, key)
  t.same((await opening(here, chain, answering(secretText(secret))))?.key, key)
  const wrong = answering('a', 'b', 'c', 'right')
  await t.rejects(opening(here, chain, wrong), { code: 'wrong-secret' })
  t.equal(wrong.asked.length, 3)
  await t.rejects(opening(here, chain, answering(undefined)), { code: 'sealed' })
  await t.rejects(opening(here, chain), { code: 'sealed', message: /a passphrase, a recovery key/ })
  const usualPassphraseFile = here.file('usual', 'wrong')
  await t.rejects(opening(here, chain, { usualPassphraseFile }), { code: 'wrong-secret' })
})

test('slots that are hidden, of another key, or made by the full node itself are not taken', async (t) => {
  const here = place(t)
  const own = here.keys.create('own')
  const forger = place(t).keys.create('forger')
  t.equal(
    await unlockDrive({ drive: drive(), keys: here.keys }, none, undefined, signal),
    undefined,
  )
  await t.rejects(unlockDrive({ drive: drive(), keys: here.keys }, none, keyId, signal), {
    code: 'unsealed',
  })
  const forged = await shown(
    [{ kind: 'wallet', sender: forger, recipient: own.publicKey }],
    newDriveKey(),
  )
  await t.rejects(opening(here, forged, {}, keyId), { code: 'unsealed' })
  t.ok((await opening(here, forged))?.sender, 'who never opened it is told whose slot it is')
  const named = { publicKey: own.publicKey, agreementKey: () => forger.agreementKey() }
  const inOurName = await shown([{ kind: 'wallet', sender: named, recipient: own.publicKey }])
  await t.rejects(opening(here, inOurName), { code: 'sealed' })
  const torn = { slots: async () => ({ revision: 1n, bytes: Buffer.from('WFSSLOT\x01') }) }
  await t.rejects(opening(here, torn), { code: 'format' })
})

const none = { slots: async () => undefined }

function drive() {
  return { name: 'vault', network: 'devnet', manifest, key: 'own' }
}
