import { randomBytes } from 'node:crypto'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { test } from 'tap'
import { SuiKey } from '../../src/store/chain/sui-key.ts'

test('a key is, and signs, what the SDK says', async (t) => {
  for (let i = 0; i < 20; i++) {
    const theirs = new Ed25519Keypair()
    const ours = SuiKey.fromText(theirs.getSecretKey())
    t.equal(ours.toText(), theirs.getSecretKey())
    t.equal(ours.toSuiAddress(), theirs.toSuiAddress())
    const transaction = randomBytes(1 + 50 * i)
    const { signature } = await ours.signTransaction(transaction)
    t.equal(signature, (await theirs.signTransaction(transaction)).signature)
  }
})

test('a new key is one that the SDK can use', async (t) => {
  const ours = SuiKey.generate()
  t.not(ours.toText(), SuiKey.generate().toText())
  const theirs = Ed25519Keypair.fromSecretKey(ours.toText())
  t.equal(theirs.toSuiAddress(), ours.toSuiAddress())
  const transaction = randomBytes(100)
  const { signature } = await ours.signTransaction(transaction)
  const address = ours.toSuiAddress()
  const publicKey = await verifyTransactionSignature(transaction, signature, { address })
  t.equal(publicKey.toSuiAddress(), address)
  await t.rejects(verifyTransactionSignature(randomBytes(100), signature, { address }))
})

test('what is no Ed25519 key of Sui is refused', async (t) => {
  const good = new Ed25519Keypair().getSecretKey()
  const damaged = `${good.slice(0, -1)}${good.endsWith('q') ? 'p' : 'q'}`
  const others = ['', 'x', damaged, good.toUpperCase().replace('SUI', 'sui'), `0x${'1'.repeat(64)}`]
  for (const text of [...others, new Secp256k1Keypair().getSecretKey()]) {
    t.throws(() => SuiKey.fromText(text), Error, text)
  }
})
