import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'tap'
import { driveKeysOf, keyIdOf, newDriveKey } from '../../src/crypto/drive-keys.ts'
import {
  decodeSlots,
  encodeSlots,
  SlotFormatError,
  type KeySlot,
  type UnknownSlot,
} from '../../src/crypto/key-slots.ts'
import { secretFromText, secretText } from '../../src/crypto/secret-text.ts'
import { makeSlot, openSlot, type NewSlot, type SlotSecret } from '../../src/crypto/slot-kinds.ts'
import { agreementKeyOf, type WalletKey } from '../../src/crypto/wallet-box.ts'

const key = newDriveKey()
const keyId = driveKeysOf(key).id
const cheap = { logN: 10, r: 8, p: 1 }

function wallet(): WalletKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url')
  const own = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  return { publicKey: own, agreementKey: () => agreementKeyOf(seed) }
}

const [ours, theirs] = [wallet(), wallet()]
const secret = randomBytes(32)
const ways: readonly (readonly [NewSlot, SlotSecret, SlotSecret])[] = [
  [
    { kind: 'passphrase', passphrase: 'Ünder Wasser' },
    { kind: 'passphrase', passphrase: 'U\u0308nder Wasser' },
    { kind: 'passphrase', passphrase: 'under Wasser' },
  ],
  [
    { kind: 'key-file', secret },
    { kind: 'key-file', secret },
    { kind: 'key-file', secret: randomBytes(32) },
  ],
  [
    { kind: 'recovery', secret },
    { kind: 'recovery', secret },
    { kind: 'key-file', secret },
  ],
  [
    { kind: 'wallet', sender: ours, recipient: theirs.publicKey },
    { kind: 'wallet', wallet: theirs },
    { kind: 'wallet', wallet: ours },
  ],
]

for (const [how, right, wrong] of ways) {
  test(`a slot for a ${how.kind} opens with what it was made for`, async (t) => {
    const slot = await makeSlot(key, how, 'a label', 1_700_000_000_000, cheap)
    t.same(await openSlot(slot, { keyId }, right), key)
    t.equal(await openSlot(slot, { keyId }, wrong), undefined)
    const [read] = decodeSlots(encodeSlots({ keyId, slots: [slot] })).slots as [KeySlot]
    t.same(read, { ...slot, sealedKey: Uint8Array.from(slot.sealedKey), way: read.way })
    t.same(await openSlot(read, { keyId }, right), key)
  })

  test(`a slot for a ${how.kind} is bound to its label, its id and its drive`, async (t) => {
    const slot = await makeSlot(key, how, 'a label', 1, cheap)
    t.equal(await openSlot({ ...slot, label: 'other' }, { keyId }, right), undefined)
    t.equal(await openSlot({ ...slot, id: 'ff'.repeat(8) }, { keyId }, right), undefined)
    const otherId = Buffer.from(keyIdOf(newDriveKey())).toString('hex')
    t.equal(await openSlot(slot, { keyId: otherId }, right), undefined)
  })
}

test('nobody makes a box in the name of another sender', async (t) => {
  const stranger = wallet()
  const named = { ...stranger, publicKey: ours.publicKey }
  const how = { kind: 'wallet', sender: named, recipient: theirs.publicKey } as const
  const slot = await makeSlot(key, how, '', 1)
  t.equal(await openSlot(slot, { keyId }, { kind: 'wallet', wallet: theirs }), undefined)
})

test('the sub-keys differ from each other and from the key', async (t) => {
  const { pieces, records, staging, journal } = driveKeysOf(key)
  const all = [key, pieces, records, staging, journal].map((one) =>
    Buffer.from(one).toString('hex'),
  )
  t.equal(new Set(all).size, 5)
})

test('a slot of an unknown kind is kept as it is', async (t) => {
  const slot = await makeSlot(key, { kind: 'recovery', secret }, 'x', 1)
  const id = '0011223344556677'
  const bytes = Buffer.from(`63${id}0102030405`, 'hex')
  const unknown: UnknownSlot = { id, way: { kind: 'unknown', code: 0x63 }, bytes }
  const table = encodeSlots({ keyId, slots: [unknown, slot] })
  const read = decodeSlots(table)
  t.equal(read.slots[0]?.way.kind, 'unknown')
  t.same(encodeSlots(read), table)
})

test('what is no table is refused', async (t) => {
  const slot = await makeSlot(key, { kind: 'recovery', secret }, 'x', 1)
  const costly = await makeSlot(key, { kind: 'passphrase', passphrase: 'p' }, '', 1, cheap)
  const table = encodeSlots({ keyId, slots: [slot] })
  const wrong: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['cut', table.subarray(0, table.length - 1)],
    ['longer', Buffer.concat([table, Buffer.of(0)])],
    ['twice the same id', encodeSlots({ keyId, slots: [slot, slot] })],
    ['another version', Buffer.from(table).fill(2, 7, 8)],
    [
      'a passphrase that would take 8 GiB',
      encodeSlots({
        keyId,
        slots: [
          { ...costly, way: { ...costly.way, cost: { logN: 20, r: 64, p: 1 } } as KeySlot['way'] },
        ],
      }),
    ],
  ]
  for (const [what, bytes] of wrong) t.throws(() => decodeSlots(bytes), SlotFormatError, what)
  const many = Array.from({ length: 65 }, () => slot)
  t.throws(() => encodeSlots({ keyId, slots: many }), RangeError)
})

test('a secret on paper is read again, whatever its case and gaps, and slips are found', async (t) => {
  const text = secretText(secret)
  t.match(text, /^([0-9A-Z]{4}-){13}[0-9A-Z]{4}$/)
  t.same(secretFromText(text), secret)
  t.same(secretFromText(` ${text.toLowerCase().replaceAll('-', '  ')}\n`), secret)
  t.same(secretFromText(text.replaceAll('0', 'O').replaceAll('1', 'l')), secret)
  let unnoticed = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '-') continue
    const slipped = text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1)
    if (secretFromText(slipped)) unnoticed++
  }
  t.equal(unnoticed, 0)
  t.equal(secretFromText(text.slice(1)), undefined)
  t.equal(secretFromText(`U${text.slice(1)}`), undefined)
})
