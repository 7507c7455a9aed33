import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { NamedHashes } from '../../src/foreign/named-hashes.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'

const hash = (text: string) => pieceHashOf(Buffer.from(text))

function place(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), 'walrusfs-names-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return { path: join(directory, 'cache', 'names'), keyPath: join(directory, 'state', 'key') }
}

test('what a name turned out to be is known after a restart', async (t) => {
  const options = place(t)
  const first = NamedHashes.open(options)
  first.put(hash('a'), hash('1'))
  first.put(hash('b'), hash('2'))
  first.put(hash('a'), hash('3'))
  first.close()
  const again = NamedHashes.open(options)
  t.equal(again.get(hash('a')), hash('3'))
  t.equal(again.get(hash('b')), hash('2'))
  t.equal(again.get(hash('c')), undefined)
  again.close()
  t.equal(statSync(options.keyPath).mode & 0o777, 0o600)
})

test('rows that are torn, changed, or made without the secret are not believed', async (t) => {
  const options = place(t)
  const first = NamedHashes.open(options)
  for (const name of ['a', 'b', 'c']) first.put(hash(name), hash(name + name))
  first.close()
  const bytes = readFileSync(options.path)
  bytes[40]! ^= 1
  writeFileSync(options.path, bytes.subarray(0, bytes.length - 1))
  const again = NamedHashes.open(options)
  t.equal(again.get(hash('a')), undefined, 'changed')
  t.equal(again.get(hash('b')), hash('bb'))
  t.equal(again.get(hash('c')), undefined, 'torn')
  again.close()
  rmSync(options.keyPath)
  const stranger = NamedHashes.open(options)
  t.equal(stranger.get(hash('b')), undefined, 'another secret')
  stranger.close()
})

test('the file does not grow for ever', async (t) => {
  const options = { ...place(t), limit: 10 }
  const first = NamedHashes.open(options)
  for (let i = 0; i < 50; i++) first.put(hash(`${i}`), hash(`${i}!`))
  first.close()
  const again = NamedHashes.open(options)
  t.equal(again.get(hash('49')), hash('49!'))
  t.equal(again.get(hash('1')), undefined)
  again.close()
  t.equal(statSync(options.path).size, 10 * 80)
})

test('where nothing can be written, nothing is remembered, and nothing fails', async (t) => {
  const { path, keyPath } = place(t)
  writeFileSync(join(path, '../..', 'cache'), 'a file')
  const hashes = NamedHashes.open({ path, keyPath })
  hashes.put(hash('a'), hash('1'))
  t.equal(hashes.get(hash('a')), hash('1'))
  hashes.close()
})
