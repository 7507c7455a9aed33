import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { MemoryDrive } from '../../src/manifest/memory-drive.ts'
import { MemoryManifest } from '../../src/manifest/memory-manifest.ts'
import { SealedManifest } from '../../src/manifest/sealed-manifest.ts'
import { ManifestError } from '../../src/manifest/manifest.ts'
import { FaultScript, withFaults } from '../../src/store/faults.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { numberedRoot } from './manifest-suite.ts'

const { signal } = new AbortController()
const key = randomBytes(32)
const canary = Buffer.from('canary of a record')

function newDrive(script = new FaultScript()): {
  drive: MemoryDrive
  open: (key?: Uint8Array) => Manifest
} {
  const network = new MemoryNetwork()
  const drive = new MemoryDrive(network)
  const parts = { drive, account: network.openAccount(), writer: drive.firstWriter }
  const manifest = withFaults(new MemoryManifest(parts), script)
  return { drive, open: (with_ = key) => new SealedManifest(manifest, with_) }
}

test('records are plain for who has the key, and for nobody else', async (t) => {
  const { drive, open } = newDrive()
  const manifest = open()
  await manifest.append(0n, canary, signal)
  await manifest.append(1n, canary, signal)
  t.same((await manifest.load(signal)).inline, [canary, canary])
  const [first, second] = drive.state.inline
  t.notOk(Buffer.from(first!).includes('canary'))
  t.notSame(first, second)
  t.equal(first!.length, canary.length + manifest.recordOverhead!)
  const stop = new AbortController()
  for await (const state of manifest.watch(stop.signal)) {
    t.same(state.inline, [canary, canary])
    stop.abort()
  }
  await t.rejects(open(randomBytes(32)).load(signal), { name: 'ManifestError', code: 'rejected' })
})

test('records that changed places, or are not sealed, are not taken', async (t) => {
  const { drive, open } = newDrive()
  await open().append(0n, canary, signal)
  await open().append(1n, Buffer.from('other'), signal)
  const { inline } = drive.state
  drive.change({ inline: inline.toReversed() })
  await t.rejects(open().load(signal), { code: 'rejected' })
  drive.change({ inline: [canary] })
  await t.rejects(open().load(signal), { code: 'rejected', message: /not sealed/ })
})

test('a record whose answer was lost is found by sending it again', async (t) => {
  const script = new FaultScript()
  const { drive, open } = newDrive(script)
  const error = () => new ManifestError('lost-answer', 'lost')
  script.add({ step: 'append', when: 'after', error })
  await t.rejects(open().append(0n, canary, signal), { code: 'lost-answer' })
  t.equal((await open().append(0n, canary, signal)).sequence, 1n)
  t.equal(drive.state.inline.length, 1)
})

test('the rest goes through', async (t) => {
  const { drive, open } = newDrive()
  const manifest = open()
  t.equal(manifest.id, drive.id)
  t.equal(manifest.drive, drive.id)
  t.equal(manifest.writer, drive.firstWriter)
  await manifest.commit(0n, numberedRoot(1), [], signal)
  await manifest.renew(1n, 99, [], signal)
  t.ok(await manifest.lease(1000, signal))
  await manifest.release(signal)
  t.equal((await manifest.history(3, signal)).length, 1)
  t.equal(await manifest.slots(signal), undefined)
  t.equal(manifest.rollback, undefined)
  t.ok(manifest.unmoved(1n))
})

test('key slots are replaced by who saw the last ones', async (t) => {
  const { drive, open } = newDrive()
  drive.setSlots(0n, Buffer.from('one'))
  t.match(await open().slots(signal), { revision: 1n })
  t.throws(() => drive.setSlots(0n, Buffer.from('two')), { code: 'conflict' })
  drive.setSlots(1n, Buffer.from('two'))
  t.same((await open().slots(signal))?.bytes, Buffer.from('two'))
  const open2 = newDrive()
  await open2.open().append(0n, canary, signal)
  t.throws(() => open2.drive.setSlots(0n, Buffer.from('one')), { code: 'rejected' })
})
