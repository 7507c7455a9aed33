import { blake2b } from '@noble/hashes/blake2.js'
import { test } from 'tap'
import { manifestPackage } from '../../src/manifest/bytecode.ts'
import { compileManifest, testManifest } from '../../src/manifest/move/build.ts'

test('the committed bytecode is what the sources compile to', async (t) => {
  const { warnings, ...compiled } = await compileManifest()
  t.equal(warnings, '', 'no warning, no lint')
  t.same(compiled, manifestPackage, 'else run node src/manifest/move/build.ts')
})

test('the digest is that of the committed modules and dependencies', async (t) => {
  const hash = (bytes: Uint8Array) => Buffer.from(blake2b(bytes, { dkLen: 32 }))
  const parts = [
    ...manifestPackage.modules.map((module) => hash(Buffer.from(module, 'base64'))),
    ...manifestPackage.dependencies.map((id) => Buffer.from(id.slice(2), 'hex')),
  ].sort((a, b) => a.compare(b))
  t.equal(hash(Buffer.concat(parts)).toString('hex'), manifestPackage.digest)
})

test('the package fits into what Sui allows', async (t) => {
  const bytes = manifestPackage.modules.reduce((sum, module) => sum + module.length * 0.75, 0)
  t.ok(bytes < 100 * 1024, `${bytes} bytes of bytecode`)
})

test('the Move unit tests pass', async (t) => {
  const { passed, output } = await testManifest()
  t.ok(passed, output)
  t.match(output, /Total tests: \d{2}/)
})
